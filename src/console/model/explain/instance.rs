//! One instance: what it runs and should run, how it is, what is being done to it, and what its service and its push say of it.

use crate::domain::drift;
use crate::domain::explain;
use crate::domain::fleet::Fleet;
use crate::domain::id::InstanceId;
use crate::domain::placement::{GIVEN_UP_AFTER, InFlight, Instance, Phase, Placement, Task};
use crate::domain::push::Push;
use crate::domain::status;

use super::super::instances::{instance_name, side, since};
use super::super::{Model, words};
use super::parts::answers;
use super::{Page, gone};

type Lines = Vec<(&'static str, String)>;

/// The page of an instance.
pub(super) fn page(model: &Model, id: &InstanceId) -> Page {
    let fleet = model.fleet();
    let (Some(placement), Some(instance)) = (fleet.placement_by_id(&id.placement), fleet.instance(id)) else {
        return gone(&instance_name(id));
    };
    let (service, environment) = (&id.placement.service, &id.placement.environment);
    let moment = model.moment();
    let word = status::of_placement(fleet, placement, model.now()).word();
    let push = fleet.open_push_of(service);
    Page::new(format!("{}, {environment}", instance_name(id)))
        .with("How it is", state(model, placement, instance))
        .with("What is being done to it", done(model, placement, (id, instance)))
        .with(format!("{service} in {environment}: {word}"), answers(explain::placement(fleet, placement, &moment)))
        .with(push.map_or_else(String::new, words::push_name), push.map(|push| of_push(fleet, push, model)).unwrap_or_default())
        .with("What it is", what(placement, id))
}

fn what(placement: &Placement, id: &InstanceId) -> Lines {
    let (service, cell, index) = (&id.placement.service, &id.cell, id.index);
    let all = placement.cells.get(cell).map_or(0, Vec::len);
    let of_side = placement.sides.as_ref().map_or_else(String::new, |_| {
        let green = !placement.is_blue(cell, index);
        let is = if green { "which is changed while the other one serves" } else { "which serves where nothing new is granted" };
        format!("the {} side, {is}", side(green))
    });
    let is = format!("one running copy of {service}: number {index} in {cell}, counted from 0, of {all} there");
    vec![("", is), ("Side", of_side), ("Named", id.to_string())]
}

fn state(model: &Model, placement: &Placement, instance: &Instance) -> Lines {
    if !placement.observed {
        return vec![("", "nothing was ever seen of it: it may be well or not".to_owned())];
    }
    let targets: Vec<_> = placement.target().iter().map(|(version, count)| format!("{count} on {version}")).collect();
    let wanted = match instance.heading_for() {
        heading if *heading != instance.version => format!("{heading}, which is being put on it"),
        _ => format!("its service may run {} there now", targets.join(" and ")),
    };
    let in_phase = since(&model.moment(), instance.since);
    let restarts = match instance.restarts {
        0 => format!("none since {} was put on it", instance.version),
        1 => format!("once since {} was put on it", instance.version),
        times => format!("{times} times since {} was put on it", instance.version),
    };
    let requests = if instance.serving { "it gets its share from the balancer" } else { "it gets none: it is out of the balancer" };
    vec![
        ("Version", format!("runs {}", instance.version)),
        ("Wanted", format!("{wanted}; in the end all on {}", placement.desired)),
        ("Phase", format!("{}, since {in_phase}", phase(instance.phase))),
        ("Requests", requests.to_owned()),
        ("Restarts", restarts),
    ]
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Stopped => "does not run",
        Phase::Starting => "its process is coming up",
        Phase::Warming => "up and warming: a little slower than it will be",
        Phase::Ready => "up and passing its readiness check",
        Phase::Draining => "out of the balancer, finishing the requests it has",
        Phase::Drained => "out of the balancer, idle, kept running",
        Phase::Crashed => "its process died; it is started again by itself",
    }
}

fn done(model: &Model, placement: &Placement, (id, instance): (&InstanceId, &Instance)) -> Lines {
    let mut lines = match &instance.in_flight {
        None => vec![("Task", "none is under way".to_owned())],
        Some(flight) => task(model, placement, flight),
    };
    lines.push(("By hand", by_hand(model, placement, (id, instance))));
    lines.push(("Alone", "nothing here acts on one instance: its push is stopped, goes on or goes back as a whole".to_owned()));
    lines
}

fn by_hand(model: &Model, placement: &Placement, (id, instance): (&InstanceId, &Instance)) -> String {
    let Some(mark) = &instance.by_hand else { return "it was not changed by hand since the engine last left it".to_owned() };
    let (moment, fleet) = (model.moment(), model.fleet());
    let before = if mark.from == instance.version { String::new() } else { format!("; it ran {} before", mark.from) };
    let is_among = |strays: &[drift::Stray]| strays.iter().any(|stray| stray.cell == id.cell && stray.index == id.index);
    let next = if !is_among(&drift::of(placement, moment.now)) {
        "it is as it should be all the same".to_owned()
    } else if mark.released {
        "somebody said that it is to be brought back".to_owned()
    } else if is_among(&drift::held(fleet, placement, moment.now)) {
        let owner =
            drift::owner(fleet, placement).map_or_else(|| "anybody on call".to_owned(), |owner| format!("anybody of {owner}"));
        format!("it stays so until {owner} has it brought back (retry)")
    } else {
        "the engine puts it right as capacity allows".to_owned()
    };
    format!("somebody changed it, first seen {}{before}; {next}", since(&moment, mark.since))
}

fn task(model: &Model, placement: &Placement, flight: &InFlight) -> Lines {
    let (moment, now) = (model.moment(), model.now());
    let what = match &flight.task {
        Task::Install { version } => format!("drain it, put {version} on it, and let it serve"),
        Task::Drain => "take it out of the balancer and keep it running".to_owned(),
        Task::Warm { version } => format!("drain it, put {version} on it, and keep it ready beside those that serve"),
        Task::ShutDown => "drain it and shut it down".to_owned(),
    };
    let usual = model.fleet().usual_task(&placement.id.service);
    let late = now > flight.begun + usual * GIVEN_UP_AFTER;
    let given_up = if late { ". It takes far longer than usual: it is tried on, and nobody waits for it" } else { "" };
    let again = (flight.issued > flight.begun).then(|| format!(", asked again {}", since(&moment, flight.issued)));
    let asked = format!("first asked {}{}{given_up}", since(&moment, flight.begun), again.unwrap_or_default());
    let failed = flight.failed.as_ref().map_or_else(String::new, |why| format!("the last try: {why}. It is tried again by itself"));
    vec![("Task", what), ("Since", asked), ("Failed", failed)]
}

fn of_push(fleet: &Fleet, push: &Push, model: &Model) -> Lines {
    let said = explain::push(fleet, push, &model.moment());
    let word = status::of_push(fleet, push, model.now()).word();
    vec![("Is", word.to_owned()), ("Why", said.why), ("Next", said.next), ("Who", said.who)]
}
