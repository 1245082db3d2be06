//! Link arguments of the addon.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Node unloads an addon with the last worker that has loaded it. The engine's threads may still be at work then: the library
    // stays.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
