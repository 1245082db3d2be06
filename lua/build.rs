//! Compiles Lua and the layer above it as one unit.
fn main() {
    cc::Build::new()
        .file("c/one.c")
        // Lua counts on integers that wrap, and breaks no other rule of aliasing or arithmetic.
        .flag_if_supported("-fwrapv")
        .flag_if_supported("-fvisibility=hidden")
        // A debug build of Lua is three times slower, and nobody steps through it.
        .opt_level(2)
        .warnings(false)
        .compile("tenondb_lua");
    println!("cargo:rerun-if-changed=c");
    println!("cargo:rerun-if-changed=puc");
    println!("cargo:rustc-link-lib=m");
}
