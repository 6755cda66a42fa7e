//! Where settings and data live on this platform.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// The program's own folders. None of them need exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Settings and themes of one's own.
    pub config: PathBuf,
    /// Journals and recordings.
    pub data: PathBuf,
}

/// The platform names no home for this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this user has no home directory; set HOME, or PUSHDECK_CONFIG_DIR and PUSHDECK_DATA_DIR")]
pub struct NoFolders;

impl Folders {
    /// The platform's folders, each overruled by `PUSHDECK_CONFIG_DIR` and `PUSHDECK_DATA_DIR`.
    ///
    /// # Errors
    /// When neither the platform nor the environment names them.
    pub fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Self, NoFolders> {
        let platform = ProjectDirs::from("", "", "pushdeck");
        let folder = |name: &str, usual: fn(&ProjectDirs) -> &Path| {
            let named = variable(name).filter(|path| !path.is_empty()).map(PathBuf::from);
            named.or_else(|| platform.as_ref().map(|folders| usual(folders).to_owned())).ok_or(NoFolders)
        };
        Ok(Self {
            config: folder("PUSHDECK_CONFIG_DIR", ProjectDirs::config_dir)?,
            data: folder("PUSHDECK_DATA_DIR", ProjectDirs::data_dir)?,
        })
    }

    /// The settings file.
    pub fn settings(&self) -> PathBuf {
        self.config.join("settings.toml")
    }

    /// The folder of one's own themes.
    pub fn themes(&self) -> PathBuf {
        self.config.join("themes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_overrules_the_platform() {
        let folders =
            Folders::find(|name| (name == "PUSHDECK_CONFIG_DIR").then(|| "/etc/deck".to_owned()).or(Some("/srv/deck".to_owned())));
        let folders = folders.expect("both are named");
        assert_eq!(folders.settings(), Path::new("/etc/deck/settings.toml"));
        assert_eq!(folders.data, Path::new("/srv/deck"));
    }
}
