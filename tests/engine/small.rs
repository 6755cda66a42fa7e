//! Small declarations: seconds where a fleet has hours, tens of instances where it has thousands.

use pushdeck::domain::declaration::Declaration;
use pushdeck::domain::id::EngineId;
use pushdeck::domain::time::EngineTime;
use pushdeck::engine::driver::simulated::SimulatedDriver;
use pushdeck::engine::run::script::Script;
use pushdeck::engine::run::setup::Setup;
use pushdeck::engine::run::stepped::Stepped;
use pushdeck::engine::spec;
use pushdeck::simulation::world::{Profile, Simulation};
use uuid::Uuid;

/// 2027-01-15 20:00 UTC, when traffic is as declared.
pub fn evening() -> EngineTime {
    EngineTime::from_millis(1_800_043_200_000)
}

/// Three siblings that a request passes one after another, and one service alone; thousands of requests a second, so that rare things
/// show. A stage bakes `bake`, and only limits judge it.
pub fn declaration(bake: &str) -> Declaration {
    let release = |service: &str, version: &str, digit: char| {
        format!(
            "[[release]]\nservice = \"{service}\"\nversion = \"{version}\"\ndigest = \"sha256:{}\"\ncommit = \"c0ffee{digit}\"\n\
             author = \"ana\"\nnotes = \"n\"\n",
            digit.to_string().repeat(64)
        )
    };
    let service = |name: &str, staging: u32, copies: [u32; 3], rps: u32| {
        let [ap, us, eu] = copies;
        let capacity = f64::from(rps) / f64::from(ap + us + eu) / 0.44;
        format!(
            "[[service]]\nname = \"{name}\"\nrunning = \"v1\"\nrps_per_instance = {capacity:.2}\n\
             in.staging = {{ instances = {staging}, peak_rps = {} }}\n\
             in.production = {{ instances = {{ ap = {ap}, us = {us}, eu = {eu} }}, peak_rps = {rps} }}\n{}{}",
            (capacity * f64::from(staging) * 0.3).round(),
            release(name, "v1", '1'),
            release(name, "v2", '2'),
        )
    };
    let text = format!(
        "[people]\nana = [\"oncall\"]\nbob = [\"oncall\"]\ncid = [\"other\"]\n\
         [[environment]]\nname = \"staging\"\ncells = [{{ name = \"lab\", weight = 1, users = 0 }}]\n\
         [[environment]]\nname = \"production\"\nafter = [\"staging\"]\nprotected = true\ncells = [\n\
         {{ name = \"ap\", weight = 3, users = 60_000 }}, {{ name = \"us\", weight = 3, users = 60_000 }},\n\
         {{ name = \"eu\", weight = 4, users = 80_000 }}]\n\
         [plan.standard]\nbakes = [\"2s\", \"2s\", \"{bake}\", \"{bake}\", \"{bake}\", \"{bake}\"]\ndeadline = \"2m\"\nevidence = false\n\
         [defaults]\ndrain = \"1s\"\ninstall = \"2s\"\nslo = {{ availability = \"99.5 %\" }}\n\
         [defaults.thresholds]\nerrors = {{ limit = \"1 %\", for = \"5s\", least = 200 }}\n\
         [[group]]\nname = \"storage\"\nservices = [\"index\", \"blob\", \"gateway\"]\nhops = [\"gateway\", \"blob\", \"index\"]\nowners = \"oncall\"\n\
         [[group]]\nname = \"auth\"\nservices = [\"auth\"]\nowners = \"oncall\"\n{}{}{}{}",
        service("index", 3, [9, 9, 12], 2_000),
        service("blob", 3, [30, 30, 40], 2_000),
        service("gateway", 3, [18, 18, 24], 2_000),
        service("auth", 3, [30, 30, 40], 1_000),
    );
    spec::read("small.toml", &text).unwrap_or_else(|faults| panic!("{faults:#?}")).value
}

/// A run over a declaration, with nobody in it.
pub fn run(declaration: Declaration, profile: Profile, driver: SimulatedDriver) -> Stepped {
    let simulation = Simulation::new(&declaration, profile, evening(), 7);
    let mut run =
        Stepped::new(Setup { engine: EngineId(Uuid::from_u128(1)), declaration, simulation, driver, script: Script::default() });
    // Everything is seen once, and traffic has been measured for a while.
    run.advance(pushdeck::domain::time::Period::from_secs(10));
    run
}
