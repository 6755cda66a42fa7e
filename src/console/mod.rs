//! The terminal program: what it shows and how it is driven.
//!
//! `keymap` and `model` know no terminal library; `theme` and `view` draw into memory and know no terminal; only `runtime` touches one.

pub mod keymap;
pub mod model;
pub mod runtime;
pub mod theme;
pub mod view;
