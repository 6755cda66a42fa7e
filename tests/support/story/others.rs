//! What else goes on that Friday.

use pushdeck::domain::change::Fact;
use pushdeck::domain::harm::Harm;
use pushdeck::domain::id::PersonId;
use pushdeck::domain::metric::Metric;
use pushdeck::domain::person::Actor;
use pushdeck::domain::placement::Phase;
use pushdeck::domain::rollback::{Manner, Rollback, RollbackPlan, Trigger};
use pushdeck::domain::time::{ConsoleTime, Period};

use super::teller::Teller;
use super::{CART, DRM, LOGIN, READY, clock, slice};

impl Teller {
    /// cart waits for its second approval, login went back, drm keeps dying in staging, playback alerts in ap.
    pub(super) fn others(&mut self) {
        self.cart();
        self.login();
        self.drm();
        self.alert(slice("playback", "ap", "v88", Metric::Errors), 0.0031, 0.001, clock(14, 24, 0));
    }

    fn cart(&mut self) {
        self.request(CART, ("checkout", "cart", "v10"), "omar", clock(14, 0, 0));
        self.tell(clock(14, 1, 0), Fact::StageEntered { push: CART, stage: 0 });
        self.see(clock(14, 10, 0), ("cart", "staging", "lab"), 0..6, ("v10", READY));
        self.tell(clock(14, 10, 0), Fact::StageArrived { push: CART });
        self.tell(clock(14, 10, 0), Fact::BakeRuns { push: CART });
        for metric in [Metric::P999, Metric::P99, Metric::Errors, Metric::Cpu, Metric::Memory] {
            let mut lab = slice("cart", "lab", "v10", metric);
            lab.environment = pushdeck::domain::id::EnvironmentId::new("staging");
            self.judge(clock(14, 12, 0), lab, pushdeck::domain::metric::Standing::Within { value: 0.0 });
        }
        let at = clock(14, 31, 30);
        let wall = ConsoleTime::from_millis(at.millis());
        let approval = self.yes(CART, "raj", at, wall);
        self.tell(at, Fact::Approved { push: CART, approval });
    }

    fn login(&mut self) {
        self.request(LOGIN, ("accounts", "login", "v4"), "ida", clock(9, 50, 0));
        for stage in 0..2 {
            self.tell(clock(10, 0, 0), Fact::StageEntered { push: LOGIN, stage });
            self.tell(clock(10, 5, 0), Fact::StageArrived { push: LOGIN });
        }
        let plan = RollbackPlan {
            manner: Manner::Ordered,
            environment: None,
            steps: Vec::new(),
            users_safe: Period::from_secs(20),
            all_old: Period::from_mins(2),
            shortfall: 0,
            barred: Vec::new(),
            next_door: None,
            kept: None,
        };
        let by = Actor::Person { name: PersonId::new("ida") };
        let rollback = Rollback {
            manner: Manner::Ordered,
            decided: clock(11, 18, 0),
            since: clock(11, 18, 0),
            trigger: Trigger::Person { by, reason: Some("people are logged out".to_owned()) },
            plan,
            finished: Vec::new(),
            users_safe: None,
            deadline: clock(11, 40, 0),
            halted: None,
        };
        self.tell(clock(11, 18, 0), Fact::RollbackDecided { push: LOGIN, rollback: Box::new(rollback) });
        self.tell(clock(11, 18, 20), Fact::UsersSafe { push: LOGIN });
        self.tell(clock(11, 20, 0), Fact::RolledBack { push: LOGIN });
        let harm = Harm { failed: 210.0, slow: 0.0, failed_per_min: 0.0, slow_per_min: 0.0, requests: 60_000, ..Harm::default() };
        self.tell(clock(11, 20, 0), Fact::Harmed { push: LOGIN, harm });
    }

    fn drm(&mut self) {
        self.request(DRM, ("streaming", "drm", "v8"), "kim", clock(13, 40, 0));
        self.tell(clock(13, 41, 0), Fact::StageEntered { push: DRM, stage: 0 });
        self.see(clock(13, 45, 0), ("drm", "staging", "lab"), 0..3, ("v8", READY));
        self.see_dying(clock(13, 50, 0), ("drm", "staging", "lab"), 3..8, ("v8", (Phase::Crashed, false), 5));
    }
}
