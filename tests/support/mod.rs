//! What several end-to-end tests share.

pub mod needs;
pub mod pty;
