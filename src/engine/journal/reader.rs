//! Reading a journal from its beginning, line by line, and following one that is still being written.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::marker::PhantomData;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::protocol::chain::{Chain, LINE_CAP, Unbelievable};
use crate::protocol::record::Entry;

/// Where a journal stops being believable, and why. Everything before it was read and stays usable.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Damage {
    /// From 1.
    pub line: u64,
    /// Where the line begins, in bytes from the beginning.
    pub offset: u64,
    /// Why.
    pub why: Why,
}

/// Why reading stopped.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// What stands there cannot be believed.
    #[error(transparent)]
    Content(#[from] Unbelievable),
    /// It could not be read from the disk.
    #[error("it could not be read: {0}")]
    Disk(#[from] io::Error),
}

/// A journal being read. As an iterator it ends at the end of the file or after the first damage.
#[derive(Debug)]
pub struct Reader<C> {
    input: BufReader<File>,
    chain: Chain,
    line: u64,
    offset: u64,
    held: Vec<u8>,
    stopped: bool,
    content: PhantomData<fn() -> C>,
}

/// Opens a journal for reading.
///
/// # Errors
/// When the file cannot be opened.
pub fn read<C: DeserializeOwned>(path: &Path) -> io::Result<Reader<C>> {
    let input = BufReader::new(File::open(path)?);
    Ok(Reader { input, chain: Chain::default(), line: 0, offset: 0, held: Vec::new(), stopped: false, content: PhantomData })
}

impl<C: DeserializeOwned> Reader<C> {
    /// The next entry of a journal that is still being written; `None` while there is no further whole line, or after damage.
    /// Ask again later: the beginning of a line is kept until its end has been written.
    pub fn poll(&mut self) -> Option<Result<Entry<C>, Damage>> {
        if self.stopped {
            return None;
        }
        if let Err(error) = self.fill() {
            return Some(Err(self.stop(error.into())));
        }
        if self.held.len() > LINE_CAP {
            return Some(Err(self.stop(Unbelievable::TooLong.into())));
        }
        if self.held.last() != Some(&b'\n') {
            return None;
        }
        let line = std::mem::take(&mut self.held);
        match self.chain.read(&line) {
            Ok(entry) => {
                self.line += 1;
                self.offset += line.len() as u64;
                Some(Ok(entry))
            }
            Err(why) => Some(Err(self.stop(why.into()))),
        }
    }

    /// Where the chain stands after what was read so far.
    pub fn state(&self) -> &Chain {
        &self.chain
    }

    /// How many bytes were read and believed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    fn fill(&mut self) -> io::Result<()> {
        // One byte beyond the cap is enough to know that the line is too long, however long it is.
        let room = (LINE_CAP + 1).saturating_sub(self.held.len()) as u64;
        self.input.by_ref().take(room).read_until(b'\n', &mut self.held)?;
        Ok(())
    }

    fn stop(&mut self, why: Why) -> Damage {
        self.stopped = true;
        Damage { line: self.line + 1, offset: self.offset, why }
    }
}

impl<C: DeserializeOwned> Iterator for Reader<C> {
    type Item = Result<Entry<C>, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        self.poll().or_else(|| {
            let torn = !self.stopped && !self.held.is_empty();
            torn.then(|| Err(self.stop(Unbelievable::CutOff.into())))
        })
    }
}
