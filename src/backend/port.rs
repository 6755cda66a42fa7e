//! What a backend can tell, and what it can be told.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;

use crate::domain::change::Change;
use crate::domain::command::{Command, Outcome};
use crate::domain::fleet::Fleet;
use crate::domain::history::History;
use crate::domain::id::{PlacementId, Seq};
use crate::domain::time::EngineTime;
use crate::evidence::instances::Instances;
use crate::evidence::reading::Batch;

/// What a backend is, in words and figures that do not change while it is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// As it was asked for: `demo:steady`.
    pub uri: String,
    /// Whether nothing real will change: shown as SIMULATED.
    pub simulated: bool,
    /// How many times faster than the wall the engine's clock runs.
    pub speed: f64,
    /// Whether it is a recording being read, not an engine at work.
    pub recorded: bool,
}

/// News from a backend. A stream begins with a snapshot; a gap or a new engine begins again with one.
#[derive(Clone, Debug)]
pub enum Update {
    /// Everything, as of its last change; what is held of the past is to be forgotten.
    Snapshot(Arc<Fleet>),
    /// What had led to the snapshot before it, as far as the backend keeps it.
    Past(History),
    /// What happened since, in order and without a gap.
    Changes(Vec<Change>),
    /// One tick's numbers.
    Readings(Arc<Batch>),
    /// The next part of a recording that is to be shown from its beginning.
    Recorded {
        /// What had happened, in order.
        changes: Vec<Change>,
        /// The numbers of each tick, in order.
        batches: Vec<Arc<Batch>>,
    },
    /// The backend is alive, this is its time, and this is the last change it has.
    Heartbeat {
        /// The engine's clock.
        at: EngineTime,
        /// Its last change.
        seq: Seq,
    },
    /// Nothing more will come, and why.
    Ended {
        /// In a sentence.
        why: String,
    },
}

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A stream that a trait object can return.
pub type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;

/// Looks on.
pub trait Observer: Send + Sync {
    /// What this backend is.
    fn describe(&self) -> Description;
    /// News, beginning with a snapshot.
    fn changes(&self) -> BoxStream<'static, Update>;
    /// What each instance of a placement says now. Where the backend cannot tell, why, in a clause.
    fn instances(&self, _placement: PlacementId) -> BoxFuture<'static, Result<Instances, String>> {
        let why = if self.describe().recorded {
            "a recording keeps numbers by cell, not by instance"
        } else {
            "this backend does not tell instances apart"
        };
        Box::pin(async move { Err(why.to_owned()) })
    }
}

/// Acts. Watch mode has none.
pub trait Actuator: Send + Sync {
    /// Resolves once the command is durable, or is known not to be.
    fn submit(&self, command: Command) -> BoxFuture<'_, Outcome>;
}
