//! The workshop asked through real sockets on loopback.

mod answers;
mod hostile;
mod many;
mod network;
mod pages;
mod server;
