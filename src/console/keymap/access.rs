//! Whether this session may act.

/// What a session may do, fixed when it starts. Nothing lifts `Watch` afterwards: there is no way from one to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Looks and acts.
    Operate,
    /// Looks only: acting keys are not in its table, its help or its dispatch.
    Watch,
}

impl Access {
    /// The word the header shows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operate => "OPERATE",
            Self::Watch => "WATCH",
        }
    }
}
