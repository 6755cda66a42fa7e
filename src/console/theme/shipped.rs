//! The themes that come with the program.

/// A theme that comes with the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Shipped {
    /// What it is called in settings.
    pub name: &'static str,
    /// For whom, in a few words.
    pub about: &'static str,
    /// Its file, for messages.
    pub file: &'static str,
    /// What the file says.
    pub text: &'static str,
}

macro_rules! shipped {
    ($name:literal, $about:literal) => {
        Shipped {
            name: $name,
            about: $about,
            file: concat!("themes/", $name, ".toml"),
            text: include_str!(concat!("../../../themes/", $name, ".toml")),
        }
    };
}

/// All of them, the default first.
pub static SHIPPED: [Shipped; 7] = [
    shipped!("dark", "the default: blue-teal, yellow and orange on near black"),
    shipped!("light", "for light grounds: blue, violet and red on near white"),
    shipped!("high-contrast", "every text at 7:1 or better, on black"),
    shipped!("tritanopia", "for eyes that take blue for green and yellow for pink"),
    shipped!("16-colour", "the sixteen colours every terminal has, on black"),
    shipped!("mono", "emphasis alone, no colour"),
    shipped!("inherit", "the terminal's own foreground and background, and two of its colours"),
];

/// The shipped theme of this name.
pub fn named(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|theme| theme.name == name)
}
