//! The workshop asked through real sockets on loopback.

#![allow(clippy::unwrap_used)] // a test that fails says where

mod answers;
mod chains;
mod changes;
mod hostile;
mod licences;
mod many;
mod network;
mod pages;
mod runs;
mod server;
