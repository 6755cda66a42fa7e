//! What came of journeys and is in no batch yet, and how it becomes a part of one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Place;
use super::walk::Came;
use crate::evidence::reading::{Batch, JourneyReading};
use crate::safe::Text;

/// Upper edges of the buckets of journeys' times, in seconds, where no cell gives others: those of requests come from the cells.
const EDGES: [f64; 18] = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0];

/// Journeys by where they are counted.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    places: BTreeMap<Place, Count>,
    /// The edges that cells gave last: a round without any must not change what the times of journeys are sorted by.
    edges: Option<Arc<[f64]>>,
}

#[derive(Clone, Debug, Default)]
struct Count {
    attempts: u64,
    succeeded: u64,
    /// How long those took that came to their end, in seconds.
    times: Vec<f64>,
    failure: Option<Text>,
    /// Why it cannot be tried; this one stays.
    untried: Option<Text>,
}

impl Gathered {
    /// Journeys are tried there: what nobody tried this tick is told as none.
    pub(super) fn expect(&mut self, place: &Place) {
        self.places.entry(place.clone()).or_default();
    }

    /// They cannot be tried there.
    pub(super) fn cannot(&mut self, place: &Place, why: &str) {
        self.places.entry(place.clone()).or_default().untried = Some(Text::new(why));
    }

    /// One came to its end.
    pub(super) fn add(&mut self, place: &Place, came: &Came) {
        let count = self.places.entry(place.clone()).or_default();
        count.attempts += 1;
        match came {
            Came::Through(took) => {
                count.succeeded += 1;
                count.times.push(took.as_secs_f64());
            }
            Came::Late(took, why) => {
                count.times.push(took.as_secs_f64());
                count.failure = Some(why.clone());
            }
            Came::Broken(why) => count.failure = Some(why.clone()),
        }
    }

    /// All of it, and from here on nothing but where journeys are tried.
    pub(super) fn take(&mut self) -> Self {
        let rest = |(place, count): (&Place, &Count)| (place.clone(), Count { untried: count.untried.clone(), ..Count::default() });
        let places = self.places.iter().map(rest).collect();
        Self { places: std::mem::replace(&mut self.places, places), edges: None }
    }

    /// Takes in what came later.
    pub fn add_all(&mut self, later: Self) {
        for (place, more) in later.places {
            let count = self.places.entry(place).or_default();
            count.attempts += more.attempts;
            count.succeeded += more.succeeded;
            count.times.extend(more.times);
            count.failure = more.failure.or(count.failure.take());
            count.untried = more.untried;
        }
    }

    /// Adds all of it to a batch, and begins anew. Where journeys are tried over HTTP what the cells tell of the same group's does not
    /// count: two sources of one number would hide each other.
    pub fn tell(&mut self, mut batch: Batch) -> Batch {
        if self.places.is_empty() {
            return batch;
        }
        if !batch.edges.is_empty() {
            self.edges = Some(Arc::clone(&batch.edges));
        }
        let edges = Arc::clone(self.edges.get_or_insert_with(|| Arc::from(EDGES)));
        batch.edges = Arc::clone(&edges);
        batch.journeys.retain(|told| {
            let place = (told.environment.clone(), told.cell.clone(), told.journey.clone());
            !self.places.contains_key(&place)
        });
        batch.journeys.extend(self.take().places.into_iter().map(|(place, count)| count.reading(place, &edges)));
        batch.journeys.sort_by(|a, b| (&a.environment, &a.cell, &a.journey).cmp(&(&b.environment, &b.cell, &b.journey)));
        batch
    }
}

impl Count {
    fn reading(self, (environment, cell, journey): Place, edges: &[f64]) -> JourneyReading {
        let mut latency = vec![0; edges.len() + 1];
        for time in self.times {
            // A time on an edge belongs below it, as in the cells' histograms.
            if let Some(count) = latency.get_mut(edges.partition_point(|edge| *edge < time)) {
                *count += 1;
            }
        }
        let Self { attempts, succeeded, failure, untried, .. } = self;
        JourneyReading { environment, cell, journey, attempts, succeeded, latency, failure, untried }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn place(cell: &str) -> Place {
        ("production".into(), cell.into(), "shop".to_owned())
    }

    fn told(cell: &str) -> JourneyReading {
        Count { attempts: 500, succeeded: 500, ..Count::default() }.reading(place(cell), &[])
    }

    #[test]
    fn what_is_tried_here_counts_and_what_the_cell_says_of_the_same_does_not() {
        let mut gathered = Gathered::default();
        gathered.expect(&place("eu"));
        gathered.add(&place("eu"), &Came::Through(Duration::from_millis(100)));
        gathered.add(&place("eu"), &Came::Late(Duration::from_millis(700), Text::new("late")));
        gathered.add(&place("eu"), &Came::Broken(Text::new("broken")));
        let batch = Batch { edges: Arc::from([0.1, 0.5]), journeys: vec![told("us"), told("eu")], ..Batch::default() };
        let batch = gathered.tell(batch);
        let [eu, us] = batch.journeys.as_slice() else { panic!("{batch:?}") };
        assert_eq!((eu.attempts, eu.succeeded, eu.latency.as_slice()), (3, 1, [1, 0, 1].as_slice()));
        assert_eq!((eu.failure.as_ref().unwrap().as_str(), us.attempts), ("broken", 500));
        let next = gathered.tell(Batch::default());
        assert_eq!((next.journeys[0].attempts, next.journeys[0].latency.len()), (0, 3), "the edges stay when no cell gives any");
        assert_eq!(next.journeys[0].failure, None);
    }

    #[test]
    fn without_cells_times_have_edges_of_their_own_and_without_journeys_a_batch_stays_as_it_was() {
        let mut gathered = Gathered::default();
        assert_eq!(gathered.tell(Batch::default()), Batch::default());
        gathered.cannot(&place("eu"), "the environment variable SHOP_TOKEN is not set");
        for _ in 0..2 {
            let batch = gathered.tell(Batch::default());
            assert_eq!(&*batch.edges, EDGES);
            let untried = batch.journeys[0].untried.as_ref().unwrap();
            assert_eq!(untried.as_str(), "the environment variable SHOP_TOKEN is not set");
        }
    }

    #[test]
    fn what_comes_between_two_batches_is_added_up() {
        let (mut unsaid, mut prober) = (Gathered::default(), Gathered::default());
        for _ in 0..3 {
            prober.add(&place("eu"), &Came::Through(Duration::from_millis(10)));
            unsaid.add_all(prober.take());
        }
        assert_eq!(unsaid.tell(Batch::default()).journeys[0].attempts, 3);
        assert_eq!(unsaid.tell(Batch::default()).journeys[0].attempts, 0);
    }
}
