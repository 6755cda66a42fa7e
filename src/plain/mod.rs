//! The same facts without a screen: lines for people and screen readers, JSON for scripts. Pure functions of a fleet.
//!
//! May use `domain` and `console::model`; no terminal library.
