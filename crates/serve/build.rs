//! Tells Cargo that the program holds the built pages.

fn main() {
    println!("cargo:rerun-if-changed=../../web/dist");
}
