//! Where numbers come from: `[metrics]` of the settings. Secrets never stand there, only where they are kept.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Origin, Said};
use crate::document::{At, Table};
use crate::metrics::guard;

/// A Prometheus server, as the settings name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prometheus {
    /// Its address, which has been looked at.
    pub url: String,
    /// Who asks it.
    pub access: Access,
    /// The certificates that its own must come from.
    pub ca: Option<PathBuf>,
    /// The certificate and the key that this program shows.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// Who asks a server, and where the secret for it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nobody in particular.
    Open,
    /// Whoever has the token in a file.
    BearerFile(PathBuf),
    /// Whoever has the token in a variable.
    BearerVariable(String),
    /// A user, and the variable with the password.
    Basic(String, String),
}

impl fmt::Display for Prometheus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.url)?;
        match &self.access {
            Access::Open => {}
            Access::BearerFile(file) => write!(f, ", token in {}", file.display())?,
            Access::BearerVariable(name) => write!(f, ", token in {name}")?,
            Access::Basic(user, name) => write!(f, ", user {user}, password in {name}")?,
        }
        self.client.iter().try_for_each(|(certificate, _)| write!(f, ", certificate {}", certificate.display()))
    }
}

/// Reads `[metrics]`. Whatever is wrong is recorded with its line.
pub(super) fn metrics(file: &str, table: &Table<'_>) -> Option<Said<Prometheus>> {
    let path = |key: &str| {
        let name = table.get::<String>(key)?;
        // Beside the settings file, wherever the program was started.
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        Some(At { value: folder.join(name.value), line: name.line })
    };
    let url = table.need::<String>("prometheus");
    let (ca, certificate, key) = (path("ca"), path("client_cert"), path("client_key"));
    let access = access(table, path("bearer_file"));
    table.close();
    let client = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate.value, key.value)),
        (None, None) => None,
        (Some(_), None) => return alone(table, "client_key", "\"client.key\", the file with its key"),
        (None, Some(_)) => return alone(table, "client_cert", "\"client.pem\", the file with its certificate"),
    };
    let url = url?;
    if let Err(refused) = guard::address(&url) {
        let what = refused.to_string();
        let (what, instead) = what.split_once("; ").unwrap_or((&what, "give an http or https address"));
        table.sheet().fault(url.line, &format!("\"prometheus\" in {} {what}", table.name()), instead);
        return None;
    }
    let origin = Origin::File { file: file.to_owned(), line: url.line };
    let value = Prometheus { url: url.value, access: access?, ca: ca.map(|ca| ca.value), client };
    Some(Said { value, origin })
}

/// A key that stands there without the one that belongs to it.
fn alone<T>(table: &Table<'_>, missing: &str, written: &str) -> Option<T> {
    table.missing(missing, written);
    None
}

/// Who asks; `None` where that was said wrongly, or in two ways.
fn access(table: &Table<'_>, bearer_file: Option<At<PathBuf>>) -> Option<Access> {
    let (bearer, password) = (variable(table, "bearer_env"), variable(table, "password_env"));
    let user = table.get::<String>("user");
    let mut ways = Vec::new();
    ways.extend(bearer_file.map(|file| (file.line, Access::BearerFile(file.value))));
    ways.extend(bearer.map(|name| (name.line, Access::BearerVariable(name.value))));
    match (user, password) {
        (Some(user), Some(name)) => ways.push((user.line.max(name.line), Access::Basic(user.value, name.value))),
        (None, None) => {}
        (Some(_), None) => return alone(table, "password_env", "\"PROMETHEUS_PASSWORD\""),
        (None, Some(_)) => return alone(table, "user", "\"pushdeck\""),
    }
    match ways.len() {
        0 => Some(Access::Open),
        1 => ways.pop().map(|(_, way)| way),
        _ => {
            let line = ways.iter().map(|(line, _)| *line).max().unwrap_or(table.line);
            table.sheet().fault(
                line,
                "there is more than one way to say who asks",
                "keep one of bearer_file, bearer_env, and user",
            );
            None
        }
    }
}

/// The name of a variable of the environment.
fn variable(table: &Table<'_>, key: &str) -> Option<At<String>> {
    let name = table.get::<String>(key)?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if !is_name {
        // What stands there may be the secret itself: it is not repeated.
        let what = format!("{key:?} in {} names no environment variable", table.name());
        table.sheet().fault(name.line, &what, "write the variable's name, never the secret itself");
        return None;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::read;

    fn chosen(text: &str) -> Prometheus {
        read("/etc/deck/s.toml", &format!("[metrics]\n{text}")).expect("sound").value.metrics.expect("a server").value
    }

    #[test]
    fn a_server_is_named_with_what_it_takes_to_ask_it() {
        let open = chosen("prometheus = \"http://127.0.0.1:9090\"\n");
        assert_eq!((open.to_string(), &open.access), ("http://127.0.0.1:9090".to_owned(), &Access::Open));
        let token = chosen("prometheus = \"https://p\"\nbearer_file = \"token\"\nca = \"/ca.pem\"\n");
        assert_eq!(token.access, Access::BearerFile(PathBuf::from("/etc/deck/token")));
        assert_eq!((token.ca, token.client), (Some(PathBuf::from("/ca.pem")), None));
        assert_eq!(
            chosen("prometheus = \"https://p\"\nbearer_env = \"TOKEN\"\n").access,
            Access::BearerVariable("TOKEN".to_owned())
        );
        let basic = "prometheus = \"https://p\"\nuser = \"lena\"\npassword_env = \"PW\"\nclient_cert = \"c\"\nclient_key = \"k\"\n";
        assert_eq!(chosen(basic).to_string(), "https://p, user lena, password in PW, certificate /etc/deck/c");
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_is_repeated() {
        for (text, said) in [
            ("ca = \"x\"\n", "s.toml:1: \"metrics\" of the document has no \"prometheus\"; add prometheus = text in quotes"),
            (
                "prometheus = \"http://lena:hunter2@p\"\n",
                "s.toml:2: \"prometheus\" in \"metrics\" of the document holds a user or a password; take them out and give them in a file or an environment variable",
            ),
            (
                "prometheus = \"http://169.254.169.254\"\n",
                "s.toml:2: \"prometheus\" in \"metrics\" of the document leads to a cloud's metadata service, which is never asked; give the address of a target",
            ),
            (
                "prometheus = \"https://p\"\nbearer_env = \"hunter2!\"\n",
                "s.toml:3: \"bearer_env\" in \"metrics\" of the document names no environment variable; write the variable's name, never the secret itself",
            ),
            (
                "prometheus = \"https://p\"\nuser = \"x\"\n",
                "s.toml:1: \"metrics\" of the document has no \"password_env\"; add password_env = \"PROMETHEUS_PASSWORD\"",
            ),
            (
                "prometheus = \"https://p\"\npassword_env = \"X\"\n",
                "s.toml:1: \"metrics\" of the document has no \"user\"; add user = \"pushdeck\"",
            ),
            (
                "prometheus = \"https://p\"\nclient_cert = \"x\"\n",
                "s.toml:1: \"metrics\" of the document has no \"client_key\"; add client_key = \"client.key\", the file with its key",
            ),
            (
                "prometheus = \"https://p\"\nclient_key = \"x\"\n",
                "s.toml:1: \"metrics\" of the document has no \"client_cert\"; add client_cert = \"client.pem\", the file with its certificate",
            ),
            (
                "prometheus = \"https://p\"\nbearer_env = \"X\"\nbearer_file = \"x\"\n",
                "s.toml:4: there is more than one way to say who asks; keep one of bearer_file, bearer_env, and user",
            ),
            (
                "prometheus = \"https://p\"\npasswrd = \"hunter2\"\n",
                "s.toml:3: \"metrics\" of the document has an unknown key \"passwrd\"; did you mean \"password_env\"?",
            ),
        ] {
            let faults: Vec<_> =
                read("s.toml", &format!("[metrics]\n{text}")).expect_err(text).iter().map(ToString::to_string).collect();
            assert_eq!(faults, [said], "{text}");
            assert!(!faults.concat().contains("hunter2"));
        }
    }
}
