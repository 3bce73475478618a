//! What people do with Gusset in a browser: real Chromium, through the running stand. Run with `cargo xtask test`.

mod sign_in;
