//! The one most urgent thing: row 3 of every screen, and where `g` goes.

use crate::domain::id::PushId;
use crate::domain::metric::SliceId;

use super::timeline::Tone;
use super::waiting::WaitingKey;

/// Where `g` goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a push.
    Push(PushId),
    /// To something that waits.
    Waiting(WaitingKey),
    /// To a slice's numbers.
    Slice(SliceId),
}

/// The most urgent thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urgent {
    /// In a line; the view cuts what does not fit.
    pub text: String,
    /// How much it should catch the eye: from [`Tone::Waiting`] up. [`Tone::Loudest`] is drawn reversed.
    pub tone: Tone,
    /// Where `g` goes, if there is somewhere to go.
    pub target: Option<Target>,
}
