//! The clipboard: a local tool where there is a display for it, else OSC 52, which a terminal may take or not, and does not say.

use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// How long a tool may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// What GNU screen takes of a string in one piece is a little more than this.
const SCREEN_PIECE: usize = 512;

/// A program that puts its standard input on the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The program.
    pub name: &'static str,
    arguments: &'static [&'static str],
    /// The variable that says that there is a display for it; none where one is always there.
    display: Option<&'static str>,
}

const TOOLS: [Tool; 4] = [
    Tool { name: "wl-copy", arguments: &[], display: Some("WAYLAND_DISPLAY") },
    Tool { name: "xclip", arguments: &["-selection", "clipboard"], display: Some("DISPLAY") },
    Tool { name: "xsel", arguments: &["--clipboard", "--input"], display: Some("DISPLAY") },
    Tool { name: "pbcopy", arguments: &[], display: None },
];

/// What stands between this program and the terminal, and wants OSC 52 in its own wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Nothing.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

/// The ways to the clipboard from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clipboard {
    /// Local tools that can work, the best first.
    pub tools: Vec<Tool>,
    /// How OSC 52 has to be wrapped.
    pub within: Within,
}

impl Clipboard {
    /// The ways there are. `has` says whether a program can be found.
    pub fn of(variable: impl Fn(&str) -> Option<String>, has: impl Fn(&str) -> bool) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let works = |tool: &Tool| tool.display.is_none_or(set) && has(tool.name);
        let within = if set("TMUX") {
            Within::Tmux
        } else if set("STY") {
            Within::Screen
        } else {
            Within::Nothing
        };
        Self { tools: TOOLS.into_iter().filter(works).collect(), within }
    }

    /// The ways from this process: its environment and its search path.
    pub fn here() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let folders: Vec<_> = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
        Self::of(variable, |name| folders.iter().any(|folder| folder.join(name).is_file()))
    }

    /// The sequence that asks the terminal to take a text, in every wrapping that may be needed: tmux takes the plain one where
    /// `set-clipboard` is on, and passes the wrapped one on where `allow-passthrough` is.
    pub fn sequence(&self, text: &str) -> String {
        let plain = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text));
        match self.within {
            Within::Nothing => plain,
            Within::Tmux => {
                let wrapped = plain.replace('\u{1b}', "\u{1b}\u{1b}");
                format!("{plain}\u{1b}Ptmux;{wrapped}\u{1b}\\")
            }
            Within::Screen => {
                let characters: Vec<char> = plain.chars().collect();
                let pieces = characters.chunks(SCREEN_PIECE).map(|piece| piece.iter().collect::<String>());
                pieces.flat_map(|piece| ["\u{1b}P".to_owned(), piece, "\u{1b}\\".to_owned()]).collect()
            }
        }
    }

    /// What is said after OSC 52 was used.
    pub fn said(&self) -> String {
        let through = match self.within {
            Within::Nothing => "",
            Within::Tmux => " through tmux (set-clipboard on, or allow-passthrough on)",
            Within::Screen => " through screen",
        };
        format!("copied by OSC 52{through}: the terminal may not allow it")
    }
}

/// Gives a text to the first tool that takes it; says which.
pub(super) async fn by_tool(tools: Vec<Tool>, text: String) -> Option<&'static str> {
    for tool in tools {
        if matches!(tokio::time::timeout(PATIENCE, give(tool, &text)).await, Ok(Ok(true))) {
            return Some(tool.name);
        }
    }
    None
}

async fn give(tool: Tool, text: &str) -> std::io::Result<bool> {
    let nowhere = Stdio::null;
    let mut command = Command::new(tool.name);
    command.args(tool.arguments).stdin(Stdio::piped()).stdout(nowhere()).stderr(nowhere()).kill_on_drop(true);
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).await?;
    }
    Ok(child.wait().await?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[&str], there: &[&str]) -> Clipboard {
        Clipboard::of(|name| set.contains(&name).then(|| "1".to_owned()), |name| there.contains(&name))
    }

    fn names(clipboard: &Clipboard) -> Vec<&'static str> {
        clipboard.tools.iter().map(|tool| tool.name).collect()
    }

    #[test]
    fn a_tool_is_used_only_where_there_is_a_display_for_it() {
        let all = ["wl-copy", "xclip", "xsel"];
        assert_eq!(names(&of(&[], &all)), [""; 0]);
        assert_eq!(names(&of(&["DISPLAY"], &all)), ["xclip", "xsel"]);
        assert_eq!(names(&of(&["DISPLAY", "WAYLAND_DISPLAY"], &all)), all);
        assert_eq!(names(&of(&["DISPLAY"], &["wl-copy"])), [""; 0]);
    }

    #[test]
    fn osc_52_is_wrapped_as_what_stands_between_wants_it() {
        assert_eq!(of(&[], &[]).sequence("storage"), "\u{1b}]52;c;c3RvcmFnZQ==\u{7}");
        let tmux = of(&["TMUX", "STY"], &[]).sequence("storage");
        assert!(tmux.ends_with("\u{1b}Ptmux;\u{1b}\u{1b}]52;c;c3RvcmFnZQ==\u{7}\u{1b}\\"), "{tmux:?}");
        let screen = of(&["STY"], &[]).sequence(&"x".repeat(1_000));
        assert!(screen.split("\u{1b}\\").all(|piece| piece.len() <= SCREEN_PIECE + 2) && screen.starts_with("\u{1b}P\u{1b}]52"));
    }

    #[tokio::test]
    async fn a_tool_that_fails_is_passed_over() {
        let tool = |name| Tool { name, arguments: &[], display: None };
        let tools = vec![tool("no-such-program"), tool("false"), tool("cat")];
        assert_eq!(by_tool(tools, "text".to_owned()).await, Some("cat"));
        assert_eq!(by_tool(vec![tool("false")], "text".to_owned()).await, None);
    }
}
