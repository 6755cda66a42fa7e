//! The settings file as `pushdeck settings init` writes it.

/// Every entry with its default, each of them commented out.
pub const SETTINGS_FILE: &str = include_str!("settings.toml");
