//! What a server is told about who asks. Secrets stand in files or variables, never in settings, and are read anew for each request, so
//! that one that is exchanged is taken up.

use std::path::PathBuf;

use reqwest::RequestBuilder;

use crate::safe::Secret;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a file, as orchestrators mount them.
    File(PathBuf),
    /// In a variable of this program's environment.
    Variable(String),
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Nobody in particular, or whoever the client certificate says.
    #[default]
    None,
    /// Whoever holds a token.
    Bearer(Kept),
    /// A user with a password.
    Basic {
        /// Who.
        user: String,
        /// With which password.
        password: Kept,
    },
}

impl Kept {
    async fn read(&self) -> Result<Secret, String> {
        match self {
            Self::File(path) => {
                let text = tokio::fs::read_to_string(path).await;
                let text = text.map_err(|why| format!("its token in {} cannot be read: {why}", path.display()))?;
                Secret::read(&text).ok_or_else(|| format!("{} holds no token: write it there in one line", path.display()))
            }
            Self::Variable(name) => {
                let text = std::env::var(name).unwrap_or_default();
                Secret::read(&text).ok_or_else(|| format!("the environment variable {name} holds no secret: set it"))
            }
        }
    }

    /// The variable it is kept in, if it is.
    fn variable(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::Variable(name) => Some(name),
        }
    }
}

impl Credentials {
    /// A request that says who asks.
    pub(super) async fn sign(&self, request: RequestBuilder) -> Result<RequestBuilder, String> {
        Ok(match self {
            Self::None => request,
            Self::Bearer(token) => request.bearer_auth(token.read().await?.reveal()),
            Self::Basic { user, password } => request.basic_auth(user, Some(password.read().await?.reveal())),
        })
    }

    /// The variable that holds a secret.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Bearer(kept) | Self::Basic { password: kept, .. } => kept.variable(),
        }
    }
}
