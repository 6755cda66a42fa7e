//! x
pub mod kit;
pub mod line;
pub mod mark;
pub mod push;
