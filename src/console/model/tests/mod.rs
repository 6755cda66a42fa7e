//! The reducer, by what a person does and what comes back.

mod act;
mod explained;
mod found;
mod never;
mod shown;
mod story;
mod verbs;
