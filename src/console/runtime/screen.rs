//! Frames to a terminal: one write per changed frame, none for an equal one.
//!
//! ratatui's `Terminal` is not used: its `draw` writes 25 bytes even when nothing changed, and knows nothing of synchronized
//! updates. Its buffer, diff and backend are.

use std::cell::Cell;
use std::io::{self, BufWriter, Stdout, Write};
use std::rc::Rc;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, SetTitle};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{self, Buffer};
use ratatui::layout::Rect;

use crate::console::theme::ascii_twin;
use crate::console::view::kit::{scrub, scrub_cells};
use crate::safe::clean;

/// A whole frame at 400×120 is about 80 kB, nearly all others are below this: one system call, so that it is never shown half.
const WRITE_BUFFER: usize = 64 * 1024;

/// Standard output as a [`Screen`] wants it.
pub fn buffered_stdout() -> BufWriter<Stdout> {
    BufWriter::with_capacity(WRITE_BUFFER, io::stdout())
}

/// What a terminal shows, and how it gets to show something else.
pub struct Screen<W: Write> {
    backend: CrosstermBackend<Counted<W>>,
    shown: Buffer,
    next: Buffer,
    changed: Changed,
    /// How many were written so far.
    bytes: Rc<Cell<usize>>,
    /// Nothing is known about what the terminal shows.
    unknown: bool,
    ascii: bool,
    title: String,
}

impl<W: Write> Screen<W> {
    /// A screen of so many columns and rows. `ascii` keeps every frame to ASCII. The writer should be buffered: a frame is
    /// many small writes and one flush.
    pub fn new(writer: W, (columns, rows): (u16, u16), ascii: bool) -> Self {
        let area = Rect::new(0, 0, columns, rows);
        let bytes = Rc::new(Cell::new(0));
        Self {
            backend: CrosstermBackend::new(Counted { writer, bytes: Rc::clone(&bytes) }),
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            changed: Changed::default(),
            bytes,
            unknown: true,
            ascii,
            title: String::new(),
        }
    }

    /// The terminal has another size now. The next frame is drawn from nothing, the clearing inside its bracket.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        let area = Rect::new(0, 0, columns, rows);
        self.shown = Buffer::empty(area);
        self.next = Buffer::empty(area);
        self.unknown = true;
    }

    /// Somebody else wrote on the terminal: the next frame is drawn from nothing, and the title has to be given again.
    pub fn invalidate(&mut self) {
        self.shown.reset();
        self.title.clear();
        self.unknown = true;
    }

    /// Keeps frames to ASCII from now on, or no longer. The next frame is then drawn from nothing.
    pub fn set_ascii(&mut self, ascii: bool) {
        if self.ascii != ascii {
            self.ascii = ascii;
            self.shown.reset();
            self.unknown = true;
        }
    }

    /// Sends a sequence that shows nothing, such as a text for the clipboard.
    ///
    /// # Errors
    /// What writing reports.
    pub fn send(&mut self, sequence: &str) -> io::Result<()> {
        Write::write_all(&mut self.backend, sequence.as_bytes())?;
        Write::flush(&mut self.backend)
    }

    /// The area frames are drawn in.
    pub const fn area(&self) -> Rect {
        self.next.area
    }

    /// Draws a frame into an empty buffer and shows it. Says how many bytes were written: an equal frame writes none.
    ///
    /// `render` runs before the first byte is queued, so a panic in it leaves no half frame behind.
    ///
    /// # Errors
    /// What writing reports; what is shown is then unknown, and the next frame starts from nothing.
    pub fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> io::Result<usize> {
        let area = self.next.area;
        self.next.reset();
        render(&mut self.next);
        if self.next.area != area {
            // A render that put another buffer in its place would break the diff.
            self.next.resize(area);
        }
        if self.unknown {
            scrub(&mut self.next, self.ascii);
        } else if !self.changed.find(&self.shown, &mut self.next, self.ascii) {
            return Ok(0);
        }
        let before = self.bytes.get();
        let written = self.show();
        if written.is_ok() {
            std::mem::swap(&mut self.shown, &mut self.next);
        } else {
            self.shown.reset();
        }
        self.unknown = written.is_err();
        written.map(|()| self.bytes.get() - before)
    }

    /// Gives the window a title, cleaned; nothing is written where it has it already.
    ///
    /// # Errors
    /// What writing reports.
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        let title: String = clean(title).chars().filter(|character| !character.is_control()).collect();
        let title = if self.ascii { ascii_twin(&title) } else { title };
        if title != self.title {
            queue!(self.backend, SetTitle(&title))?;
            Write::flush(&mut self.backend)?;
            self.title = title;
        }
        Ok(())
    }

    fn show(&mut self) -> io::Result<()> {
        queue!(self.backend, BeginSynchronizedUpdate)?;
        let drawn = self.difference();
        // Closed even after an error: a terminal left inside a bracket stands still.
        queue!(self.backend, EndSynchronizedUpdate)?;
        drawn?;
        Write::flush(&mut self.backend)
    }

    fn difference(&mut self) -> io::Result<()> {
        if self.unknown {
            queue!(self.backend, Clear(ClearType::All))?;
            return self.backend.draw(self.shown.diff_iter(&self.next));
        }
        self.backend.draw(self.changed.cells())
    }
}

/// Counts what goes through it.
struct Counted<W> {
    writer: W,
    bytes: Rc<Cell<usize>>,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.bytes.set(self.bytes.get() + written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The rows of a frame that differ from what is shown, one below the other. To see that a row is equal costs a fraction of looking for
/// what in it differs, and in nearly every frame nearly all of them are.
#[derive(Debug, Default)]
struct Changed {
    rows: Vec<u16>,
    from: Buffer,
    to: Buffer,
}

impl Changed {
    /// Finds the rows of `next` that differ, and makes them fit to leave. Says whether there are any.
    fn find(&mut self, shown: &Buffer, next: &mut Buffer, ascii: bool) -> bool {
        self.rows.clear();
        self.from.content.clear();
        self.to.content.clear();
        let width = usize::from(next.area.width).max(1);
        for (row, (shown, next)) in (0..).zip(shown.content.chunks(width).zip(next.content.chunks_mut(width))) {
            if shown == next {
                continue;
            }
            scrub_cells(next, ascii);
            if shown != next {
                self.rows.push(row);
                self.from.content.extend_from_slice(shown);
                self.to.content.extend_from_slice(next);
            }
        }
        let area = Rect { height: self.rows.len() as u16, ..next.area };
        (self.from.area, self.to.area) = (area, area);
        !self.rows.is_empty()
    }

    /// The cells that differ, each with its column and row on the screen.
    fn cells(&self) -> impl Iterator<Item = (u16, u16, &buffer::Cell)> {
        let row = |y: u16| self.rows.get(usize::from(y)).copied();
        self.from.diff_iter(&self.to).filter_map(move |(x, y, cell)| Some((x, row(y)?, cell)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::console::theme::{ColourDepth, Role, Theme};
    use crate::console::view::kit::Painter;

    /// Keeps what was written, and counts flushes.
    #[derive(Clone, Default)]
    struct Sink(Rc<RefCell<(Vec<u8>, usize)>>);

    impl Sink {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut self.0.borrow_mut().0)).unwrap()
        }
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().0.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            self.0.borrow_mut().1 += 1;
            Ok(())
        }
    }

    fn paint(text: &'static str, depth: ColourDepth) -> impl Fn(&mut Buffer) {
        let theme = Theme::for_depth(depth).unwrap();
        move |buffer| {
            let mut painter = Painter::new(buffer, &theme);
            painter.fill(Role::Base);
            painter.text(0, 0, text, Role::Loud);
            painter.text(0, 1, "eu ● 10 %", Role::Waiting);
        }
    }

    #[test]
    fn an_equal_frame_writes_nothing() {
        let sink = Sink::default();
        let mut screen = Screen::new(sink.clone(), (80, 24), false);
        assert!(screen.draw(paint("NOT STOPPED", ColourDepth::True)).unwrap() > 0);
        let first = sink.take();
        assert!(first.starts_with("\u{1b}[?2026h\u{1b}[2J") && first.ends_with("\u{1b}[?2026l"), "{first:?}");
        for _ in 0..3 {
            assert_eq!(screen.draw(paint("NOT STOPPED", ColourDepth::True)).unwrap(), 0);
        }
        assert_eq!(sink.take(), "");
        assert_eq!(sink.0.borrow().1, 1, "one flush for the one frame");
    }

    #[test]
    fn a_small_change_is_a_small_write() {
        let sink = Sink::default();
        let mut screen = Screen::new(sink.clone(), (200, 60), false);
        screen.draw(paint("NOT STOPPED 14:32", ColourDepth::True)).unwrap();
        sink.take();
        assert!(screen.draw(paint("NOT STOPPED 14:33", ColourDepth::True)).unwrap() > 0);
        let written = sink.take();
        assert!(written.len() < 120 && written.contains('3') && !written.contains("STOPPED"), "{written:?}");
    }

    #[test]
    fn a_tick_of_twenty_values_is_less_than_900_bytes() {
        let theme = Theme::for_depth(ColourDepth::True).unwrap();
        let tick = |turn: usize| {
            let theme = theme.clone();
            move |buffer: &mut Buffer| {
                let mut painter = Painter::new(buffer, &theme);
                painter.fill(Role::Base);
                painter.text(190, 0, &format!("14:32:{turn:02}"), Role::Dim);
                for row in 0..20_u16 {
                    let errors = format!("{:>7}", format!("{}.{} %", turn * 7 % 50, (turn * 3 + usize::from(row)) % 10));
                    // A few of them are worth a colour.
                    painter.text(150, 4 + 2 * row, &errors, if row % 7 == 0 { Role::Bad } else { Role::Text });
                }
            }
        };
        let mut screen = Screen::new(Sink::default(), (200, 60), false);
        screen.draw(tick(0)).unwrap();
        for turn in 1..30 {
            let bytes = screen.draw(tick(turn)).unwrap();
            assert!((200..=900).contains(&bytes), "{bytes} bytes");
        }
    }

    #[test]
    fn what_was_drawn_before_ascii_was_asked_for_is_drawn_again() {
        let sink = Sink::default();
        let mut screen = Screen::new(sink.clone(), (80, 2), false);
        screen.draw(paint("a", ColourDepth::True)).unwrap();
        sink.take();
        screen.set_ascii(true);
        assert!(screen.draw(paint("a", ColourDepth::True)).unwrap() > 0);
        assert!(sink.take().contains("eu * 10 %"));
        screen.set_ascii(true);
        assert_eq!(screen.draw(paint("a", ColourDepth::True)).unwrap(), 0);
    }

    #[test]
    fn after_a_resize_or_a_foreign_write_all_is_drawn_again() {
        let sink = Sink::default();
        let mut screen = Screen::new(sink.clone(), (20, 3), false);
        screen.draw(paint("NOT STOPPED", ColourDepth::True)).unwrap();
        let changes: [fn(&mut Screen<Sink>); 3] =
            [Screen::invalidate, |screen| screen.resize((30, 4)), |screen| screen.resize((0, 0))];
        for change in changes {
            sink.take();
            change(&mut screen);
            assert!(screen.draw(paint("NOT STOPPED", ColourDepth::True)).unwrap() > 0);
            let written = sink.take();
            assert!(written.contains("\u{1b}[2J") && (screen.area().is_empty() || written.contains("NOT STOPPED")), "{written:?}");
        }
    }

    #[test]
    fn mono_sends_no_colour_and_keeps_its_emphasis() {
        let sink = Sink::default();
        let mut screen = Screen::new(sink.clone(), (80, 2), true);
        screen.draw(paint("NOT STOPPED", ColourDepth::Mono)).unwrap();
        let written = sink.take();
        assert!(!written.contains("\u{1b}[38") && !written.contains("\u{1b}[48"), "{written:?}");
        assert!(written.contains("\u{1b}[7m") && written.contains("\u{1b}[1m") && written.contains("eu * 10 %"), "{written:?}");
        let before_end = written.split("NOT STOPPED").next().unwrap();
        assert!(!before_end.contains("\u{1b}[0m") && !before_end.contains("\u{1b}[m"), "nothing resets it: {written:?}");
    }

    #[test]
    fn a_failed_write_starts_from_nothing() {
        struct Broken(bool);
        impl Write for Broken {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                if std::mem::take(&mut self.0) { Err(io::Error::other("gone")) } else { Ok(bytes.len()) }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut screen = Screen::new(Broken(true), (20, 3), false);
        assert!(screen.draw(paint("a", ColourDepth::True)).is_err());
        assert!(screen.draw(paint("a", ColourDepth::True)).unwrap() > 0);
        assert_eq!(screen.draw(paint("a", ColourDepth::True)).unwrap(), 0);
    }

    #[test]
    fn the_title_keeps_to_ascii_where_frames_do() {
        let sink = Sink::default();
        Screen::new(sink.clone(), (20, 3), true).set_title("OPERATE · storage v41→v42").unwrap();
        assert!(sink.take().is_ascii());
    }

    #[test]
    fn the_title_is_written_once_and_cannot_steer() {
        let sink = Sink::default();
        let mut screen = Screen::new(sink.clone(), (20, 3), false);
        screen.set_title("SIMULATED storage\u{7}\u{1b}[2J").unwrap();
        screen.set_title("SIMULATED storage\u{7}\u{1b}[2J").unwrap();
        let written = sink.take();
        assert_eq!(written.matches("\u{1b}]0;").count(), 1);
        assert!(!written.contains("\u{1b}[2J"), "{written:?}");
    }
}
