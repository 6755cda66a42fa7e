//! What every theme that comes with the program promises.

use std::fs;

use ratatui::style::{Color, Modifier};

use super::depth::xterm;
use super::vision::{Sight, contrast, difference};
use super::*;

/// Themes whose colours are fixed, with the least contrast of their text.
const FIXED: [(&str, f64); 4] = [("dark", 4.5), ("light", 4.5), ("high-contrast", 7.0), ("tritanopia", 4.5)];
/// What a status is told by: no two may be taken for each other.
const APART: [Role; 3] = [Role::Good, Role::Waiting, Role::Bad];
/// Lines and curves: to be seen, not read.
const LINES: [Role; 6] = [Role::Rule, Role::Gap, Role::Shade, Role::SparkNew, Role::SparkOld, Role::Threshold];
const GROUNDS: [Role; 3] = [Role::Base, Role::Selected, Role::Dialog];

/// Common palettes of the sixteen: xterm's, the Linux console's, and Tango, which many terminals bring.
const PALETTES: [[u32; 16]; 3] = [
    [
        0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f, 0xff_0000, 0x00_ff00,
        0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
    ],
    [
        0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xaa_aaaa, 0x55_5555, 0xff_5555, 0x55_ff55,
        0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
    ],
    [
        0x2e_3436, 0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x34_65a4, 0x75_507b, 0x06_989a, 0xd3_d7cf, 0x55_5753, 0xef_2929, 0x8a_e234,
        0xfc_e94f, 0x72_9fcf, 0xad_7fa8, 0x34_e2e2, 0xee_eeec,
    ],
];
const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

fn rgb(colour: Option<Color>) -> [u8; 3] {
    match colour {
        Some(Color::Rgb(r, g, b)) => [r, g, b],
        Some(Color::Indexed(index)) => xterm(index).unwrap(),
        other => panic!("{other:?} is no fixed colour"),
    }
}

fn in_palette(palette: &[u32; 16], colour: Option<Color>) -> [u8; 3] {
    let at = NAMED.iter().position(|named| Some(*named) == colour).unwrap_or_else(|| panic!("{colour:?} has no name"));
    let [_, r, g, b] = palette[at].to_be_bytes();
    [r, g, b]
}

fn theme(name: &str, depth: ColourDepth) -> Theme {
    Choice::named(name, None).unwrap().load(depth).unwrap()
}

fn fixed() -> impl Iterator<Item = (&'static str, f64, Theme)> {
    FIXED
        .into_iter()
        .flat_map(|(name, least)| [ColourDepth::True, ColourDepth::Indexed].map(|depth| (name, least, theme(name, depth))))
}

fn emphasis(theme: &Theme, role: Role) -> Modifier {
    theme.style(role).add_modifier
}

#[test]
fn what_is_in_the_folder_comes_with_the_program() {
    let mut files: Vec<_> = own(Some(std::path::Path::new("themes"))).into_iter().map(|(name, _)| name).collect();
    let mut names = SHIPPED.iter().map(|theme| theme.name.to_owned()).collect::<Vec<_>>();
    files.sort();
    names.sort();
    assert_eq!(files, names);
    for theme in &SHIPPED {
        assert_eq!(fs::read_to_string(theme.file).unwrap(), theme.text);
    }
}

#[test]
fn every_theme_is_whole_at_every_depth() {
    for shipped in &SHIPPED {
        for depth in [ColourDepth::True, ColourDepth::Indexed, ColourDepth::Sixteen, ColourDepth::Mono] {
            let theme = theme(shipped.name, depth);
            for (role, name) in Role::ALL {
                let style = theme.style(role);
                assert!(style != ratatui::style::Style::default(), "{name} of {}", shipped.name);
                let colours = [style.fg, style.bg].into_iter().flatten();
                let fits = |colour: Color| match depth {
                    ColourDepth::Mono => colour == Color::Reset,
                    ColourDepth::Sixteen => colour == Color::Reset || NAMED.contains(&colour),
                    ColourDepth::Indexed => !matches!(colour, Color::Rgb(..)),
                    ColourDepth::True => true,
                };
                assert!(colours.into_iter().all(fits), "{name} of {} for {depth:?}: {style:?}", shipped.name);
            }
        }
    }
}

#[test]
fn text_can_be_read_on_every_ground() {
    for (theme_name, least, theme) in fixed() {
        let grounds = GROUNDS.map(|role| rgb(theme.style(role).bg));
        for (role, name) in Role::ALL.into_iter().filter(|(role, _)| !LINES.contains(role) && !GROUNDS.contains(role)) {
            let style = theme.style(role);
            for on in style.bg.map_or(grounds.to_vec(), |bg| vec![rgb(Some(bg))]) {
                let ratio = contrast(rgb(style.fg), on);
                assert!(ratio >= least, "{theme_name}: {name} {ratio:.2} on {on:?}");
            }
        }
        for role in [Role::Base, Role::Dialog] {
            assert!(contrast(rgb(theme.style(role).fg), rgb(theme.style(role).bg)) >= 7.0, "{theme_name}: {role:?}");
        }
    }
}

#[test]
fn lines_and_curves_can_be_seen() {
    for (name, least, theme) in fixed() {
        for role in LINES {
            let ratio = contrast(rgb(theme.style(role).fg), rgb(theme.style(Role::Base).bg));
            assert!(ratio >= if least > 4.5 { least } else { 3.0 }, "{name}: {role:?} {ratio:.2}");
        }
    }
}

#[test]
fn good_waiting_and_bad_differ_for_every_eye() {
    for (name, _, theme) in fixed() {
        let least = |sight| if name == "tritanopia" && matches!(sight, Sight::Tritan) { 50.0 } else { 20.0 };
        for sight in Sight::ALL {
            for (at, a) in APART.into_iter().enumerate() {
                for b in APART.into_iter().skip(at + 1) {
                    let apart = difference(rgb(theme.style(a).fg), rgb(theme.style(b).fg), sight);
                    assert!(apart >= least(sight), "{name}: {a:?} and {b:?}: {apart:.1} for {sight:?}");
                }
            }
            let [new, old] = [Role::SparkNew, Role::SparkOld].map(|role| rgb(theme.style(role).fg));
            assert!(difference(new, old, sight) >= 20.0, "{name}: the two curves for {sight:?}");
        }
    }
}

#[test]
fn the_sixteen_can_be_read_whatever_the_terminals_ground() {
    let theme = theme("16-colour", ColourDepth::Sixteen);
    for palette in &PALETTES {
        let ground = in_palette(palette, theme.style(Role::Base).bg);
        for (role, name) in Role::ALL {
            let style = theme.style(role);
            if let Some(fg) = style.fg {
                let ratio = contrast(in_palette(palette, Some(fg)), ground);
                let least = if LINES.contains(&role) || matches!(role, Role::Heading | Role::Frame | Role::Bad | Role::Loud) {
                    3.0
                } else {
                    4.5
                };
                assert!(ratio >= least, "{name} {ratio:.2} in {palette:x?}");
            }
        }
    }
}

#[test]
fn what_inherits_can_be_read_on_a_light_and_on_a_dark_ground() {
    let theme = theme("inherit", ColourDepth::Indexed);
    let colours: Vec<_> = Role::ALL.iter().filter_map(|(role, _)| theme.style(*role).fg).filter(|fg| *fg != Color::Reset).collect();
    assert!(!colours.is_empty());
    for (role, name) in Role::ALL {
        assert!(theme.style(role).bg.is_none_or(|bg| bg == Color::Reset), "{name} brings a ground of its own");
    }
    for palette in &PALETTES {
        for ground in [[0, 0, 0], [255, 255, 255]] {
            for colour in &colours {
                let ratio = contrast(in_palette(palette, Some(*colour)), ground);
                // Dark red and magenta are faint on the Linux console's black; it has no light ground, and emphasis tells them.
                assert!(ratio >= 2.3, "{colour:?} {ratio:.2} on {ground:?} in {palette:x?}");
            }
        }
    }
}

#[test]
fn without_fixed_colours_emphasis_tells_apart() {
    for name in ["mono", "16-colour", "inherit"] {
        let theme = theme(name, ColourDepth::Sixteen);
        let mut looks = [Role::Good, Role::Waiting, Role::Bad, Role::Loud, Role::Stale].map(|role| emphasis(&theme, role));
        looks.sort_unstable_by_key(Modifier::bits);
        assert!(looks.windows(2).all(|pair| pair[0] != pair[1]), "{name}: {looks:?}");
    }
}

#[test]
fn only_mode_and_the_loudest_are_reversed() {
    for shipped in &SHIPPED {
        for depth in [ColourDepth::Mono, ColourDepth::Sixteen, ColourDepth::Indexed, ColourDepth::True] {
            let theme = theme(shipped.name, depth);
            for (role, name) in Role::ALL {
                let reversed = emphasis(&theme, role).contains(Modifier::REVERSED);
                assert_eq!(reversed, matches!(role, Role::Mode | Role::Loud), "{name} of {}", shipped.name);
            }
        }
    }
}

#[test]
fn a_name_that_no_theme_has_is_answered_with_those_there_are() {
    let why = Choice::named("pink", None).unwrap_err().to_string();
    assert_eq!(why, "there is no theme \"pink\"; there are dark, light, high-contrast, tritanopia, 16-colour, mono, inherit");
    assert_eq!(Choice::named("mine.toml", None).unwrap().file(), Some(std::path::Path::new("mine.toml")));
}
