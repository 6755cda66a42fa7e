//! Explanations: every node has one, what is said of a push begins with what is new to whoever looks, and nothing of it is out of reach.

use super::story::{CART, STORAGE, Story};
use crate::console::keymap::{Access, Code, Key};
use crate::console::model::{ChartKey, Event, Overlay, Page, PageLine, RowKey, Screen, Subject, update};
use crate::domain::change::Fact;
use crate::domain::duty::Note;
use crate::domain::metric::{Metric, SliceId};
use crate::domain::person::Actor;
use crate::domain::push::Drained;
use crate::domain::requirement::RequirementKind;

fn opened(story: &Story) -> Page {
    match story.model.overlay() {
        Some(Overlay::Explain(explaining)) => story.model.explained(&explaining.subject),
        other => panic!("no explanation is open: {other:?}"),
    }
}

fn text(page: &Page) -> String {
    let part = |part: &crate::console::model::Part| {
        let lines: Vec<_> = part.lines.iter().map(|(word, text)| format!("{word} {text}")).collect();
        format!("{}\n{}\n", part.heading, lines.join("\n"))
    };
    page.parts.iter().map(part).collect()
}

#[test]
fn e_explains_what_is_selected_on_every_screen() {
    let mut story = Story::new(Access::Watch);
    story.cart_is_asked_for();
    for (key, screen) in [('1', Screen::Fleet), ('2', Screen::Push), ('3', Screen::Waiting), ('5', Screen::Timeline)] {
        story.press(key);
        story.press('e');
        assert_eq!(story.model.screen(), screen);
        let page = opened(&story);
        assert!(!page.parts.is_empty() && !page.title.contains("not there any more"), "{screen:?}: {page:?}");
        story.press('e');
        assert!(story.model.overlay().is_none());
    }
}

#[test]
fn every_kind_of_thing_has_its_page() {
    let story = Story::new(Access::Operate);
    let slice = SliceId {
        service: "blob".into(),
        environment: "production".into(),
        cell: "eu".into(),
        version: "v2".into(),
        metric: Metric::P99,
    };
    let requirements = RequirementKind::all().map(|kind| RowKey::Requirement(STORAGE, kind));
    let rows = [
        RowKey::Group("storage".into()),
        RowKey::Service("blob".into()),
        RowKey::Stage(STORAGE, 0),
        RowKey::Chart(ChartKey::of(&slice)),
        RowKey::Waiting(story.model.waiting_rows()[0].key.clone()),
    ];
    let subjects = rows.into_iter().chain(requirements).map(Subject::Row).chain([Subject::Push(STORAGE), Subject::Fleet]);
    for subject in subjects {
        let page = story.model.explained(&subject);
        assert!(!page.title.contains("not there any more"), "{subject:?}");
        assert!(page.parts.iter().all(|part| part.lines.iter().all(|(_, text)| !text.is_empty())), "{subject:?}: {page:?}");
        assert!(text(&page).contains("What it is"), "{subject:?}: {page:?}");
    }
    assert!(story.model.explained(&Subject::Push(CART)).title.contains("not there any more"));
}

#[test]
fn a_push_begins_with_what_happened_since_one_last_looked() {
    let mut story = Story::new(Access::Operate);
    story.press('2');
    story.press('e');
    assert!(opened(&story).parts[0].heading.starts_with("Since it began"), "{:?}", opened(&story).parts[0]);
    story.press('e');
    story.press('1');
    story.wait(10 * 60_000);
    story.held(STORAGE);
    let note = Note { by: "ana".into(), at: story.model.now(), text: "compaction runs".to_owned(), struck: None };
    story.happens(Fact::Noted { push: STORAGE, note });
    story.press('2');
    story.press('e');
    let page = opened(&story);
    assert!(page.parts[0].heading.starts_with("Since you last looked"), "{:?}", page.parts[0]);
    let told = text(&page);
    assert!(told.contains("storage stopped") && told.contains("compaction runs"), "{told}");
    assert!(!page.parts[0].lines.iter().any(|(_, line)| line.contains("asked for")), "what was there before is not new: {told}");
}

#[test]
fn loose_ends_are_named_and_their_absence_too() {
    let mut story = Story::new(Access::Operate);
    let loose = |story: &Story| {
        let page = story.model.explained(&Subject::Push(STORAGE));
        page.parts.into_iter().find(|part| part.heading == "Loose ends").map(|part| part.lines).unwrap_or_default()
    };
    assert!(loose(&story)[0].1.starts_with("none: "), "{:?}", loose(&story));
    let by = Actor::Person { name: "ana".into() };
    let drained = Drained { environment: "production".into(), cell: "eu".into(), by, since: story.model.now(), reason: None };
    story.happens(Fact::CellDrained { push: STORAGE, drained });
    assert!(loose(&story)[0].1.starts_with("eu is drained since"), "{:?}", loose(&story));
    assert!(loose(&story)[0].1.contains("by ana"), "{:?}", loose(&story));
}

#[test]
fn the_end_of_a_page_is_reached_and_left_again_at_any_size() {
    for size in [(60, 15), (80, 24), (160, 48)] {
        for key in ['e', '?'] {
            let mut story = Story::new(Access::Operate);
            update(&mut story.model, Event::Resize { width: size.0, height: size.1 });
            story.press('2');
            story.press(key);
            let lines = story.model.page_lines();
            story.key(Key::plain(Code::End));
            let at_end = scrolled(&story);
            assert_eq!(usize::from(at_end), lines.len().saturating_sub(usize::from(size.1) - 5), "{size:?} {key}");
            story.key(Key::plain(Code::Up));
            assert_eq!(scrolled(&story), at_end.saturating_sub(1));
            assert!(lines.iter().any(|line| matches!(line, PageLine::Said { .. })));
        }
    }
}

fn scrolled(story: &Story) -> u16 {
    match story.model.overlay() {
        Some(Overlay::Help { scroll }) => *scroll,
        Some(Overlay::Explain(explaining)) => explaining.scroll,
        other => panic!("no page is open: {other:?}"),
    }
}
