//! Everything that was said about settings, so that the file can be heard again while the program runs.

use std::path::{Path, PathBuf};

use super::{Fault, Layer, Settings, read};

/// Whatever says something about settings.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Where the settings file would be; none where there is no folder for it.
    pub file: Option<PathBuf>,
    /// Layers below the file.
    pub below: Layer,
    /// Layers above it, in order.
    pub above: Vec<Layer>,
}

impl Sources {
    /// What holds now: the file is read anew.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn settled(&self) -> Result<Settings, Vec<Fault>> {
        let file = self.file_layer()?;
        Ok(Settings::layered([self.below.clone(), file].into_iter().chain(self.above.iter().cloned())))
    }

    /// What holds without the file.
    pub fn without_file(&self) -> Settings {
        Settings::layered([self.below.clone()].into_iter().chain(self.above.iter().cloned()))
    }

    /// The settings file, if it is there.
    pub fn present(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| file.exists())
    }

    fn file_layer(&self) -> Result<Layer, Vec<Fault>> {
        let Some(path) = self.present() else { return Ok(Layer::default()) };
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|why| {
            vec![Fault::new(&file, 1, &format!("cannot be read: {why}"), "make it a text file that you may read")]
        })?;
        read(&file, &text).map(|sound| sound.value)
    }
}
