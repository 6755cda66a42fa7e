//! The families a cell exposes to pushdeck.

/// Every family that is read from a scrape.
pub(super) const WANTED: &[&str] = &[REQUESTS, UP, CPU, MEMORY, SATURATION, LATENCY, ATTEMPTS, SUCCESSES, JOURNEYS, TIME];

/// The names of the samples that ticks are made of, and no others: a histogram's sum and count are not asked for where one can choose.
pub const SAMPLES: [&str; 10] = [
    TIME,
    REQUESTS,
    UP,
    CPU,
    MEMORY,
    SATURATION,
    "pushdeck_request_seconds_bucket",
    ATTEMPTS,
    SUCCESSES,
    "pushdeck_journey_seconds_bucket",
];

/// The gauge that says when a scrape is from, in seconds since 1970 on the engine's clock.
pub const TIME: &str = "pushdeck_time_seconds";
const REQUESTS: &str = "pushdeck_requests_total";
const UP: &str = "pushdeck_up";
const CPU: &str = "pushdeck_cpu_ratio";
const MEMORY: &str = "pushdeck_memory_ratio";
const SATURATION: &str = "pushdeck_saturation_ratio";
const LATENCY: &str = "pushdeck_request_seconds";
const ATTEMPTS: &str = "pushdeck_journey_attempts_total";
const SUCCESSES: &str = "pushdeck_journey_successes_total";
const JOURNEYS: &str = "pushdeck_journey_seconds";

/// What a sample is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Requests answered, by code.
    Requests,
    /// Whether an instance is up.
    Up,
    /// Processor use.
    Cpu,
    /// Memory use.
    Memory,
    /// Work in hand.
    Saturation,
    /// Requests at most as slow as `le`.
    LatencyBucket,
    /// Journeys tried.
    Attempts,
    /// Journeys that succeeded.
    Successes,
    /// Journeys that came to their end, at most as slow as `le`.
    JourneyBucket,
    /// Read with a wanted family, but nothing is drawn from it: a histogram's sum and count, the time.
    Unused,
}

impl Family {
    /// The family a sample's name belongs to.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            REQUESTS => Some(Self::Requests),
            UP => Some(Self::Up),
            CPU => Some(Self::Cpu),
            MEMORY => Some(Self::Memory),
            SATURATION => Some(Self::Saturation),
            ATTEMPTS => Some(Self::Attempts),
            SUCCESSES => Some(Self::Successes),
            TIME => Some(Self::Unused),
            _ => {
                let of = |histogram, bucket| match name.strip_prefix(histogram)? {
                    "_bucket" => Some(bucket),
                    "_sum" | "_count" => Some(Self::Unused),
                    _ => None,
                };
                of(LATENCY, Self::LatencyBucket).or_else(|| of(JOURNEYS, Self::JourneyBucket))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_that_is_asked_for_is_of_a_family() {
        assert!(SAMPLES.iter().all(|name| Family::of(name).is_some()));
        assert_eq!(Family::of("pushdeck_request_seconds_bucket"), Some(Family::LatencyBucket));
        assert_eq!(Family::of("pushdeck_journey_seconds_bucket"), Some(Family::JourneyBucket));
    }
}
