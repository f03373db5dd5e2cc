//! Random plans: what a template says, in the words of the rules.

use std::fmt;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A version of a template.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) max_attempts: i32,
    pub(super) stages: Vec<Stage>,
}

#[derive(Clone)]
pub(super) struct Stage {
    pub(super) key: String,
    /// How long it is expected to last.
    pub(super) days: Option<i64>,
    /// It lasts at least as long.
    pub(super) is_timed: bool,
    /// It begins so many days before the end of the subscription.
    pub(super) starts: Option<i64>,
    pub(super) then: Then,
    pub(super) items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Then {
    Next,
    Complete,
    LoopTo(String),
}

/// A task of a stage.
#[derive(Clone)]
pub(super) struct Item {
    /// Says what kind it is, so that a key means the same in all versions.
    pub(super) key: String,
    pub(super) position: i32,
    pub(super) is_required: bool,
    pub(super) days: Option<i64>,
    pub(super) is_business: bool,
    pub(super) anchor: Anchor,
    pub(super) holder: HeldBy,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Previous,
    Entry,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum HeldBy {
    Csm,
    Fixed,
    Customer,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Plain,
    Talk,
    /// Done when it is answered.
    Survey,
    Indicator(Indicator),
}

#[derive(Clone, Debug)]
pub(super) struct Indicator {
    pub(super) source: Source,
    pub(super) comparator: &'static str,
    pub(super) target: i32,
    pub(super) is_continuous: bool,
    pub(super) max_age: Option<i64>,
    pub(super) when_missing: WhenMissing,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    Person,
    Metric,
    Nps,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum WhenMissing {
    Wait,
    PassAfter(i64),
    FailAfter(i64),
}

impl Item {
    pub(super) fn indicator(&self) -> Option<&Indicator> {
        match &self.kind {
            Kind::Indicator(indicator) => Some(indicator),
            _ => None,
        }
    }

    /// Whether somebody does it.
    pub(super) fn is_task(&self) -> bool {
        self.indicator().is_none_or(|indicator| indicator.source == Source::Person)
    }

    /// Whether the stage waits for it, if somebody does it.
    pub(super) fn must_be_done(&self) -> bool {
        self.is_required || self.indicator().is_some()
    }

    fn input(&self, fixed: &str) -> Value {
        let assignee = match self.holder {
            HeldBy::Csm => json!({ "accountRoleKey": "csm" }),
            HeldBy::Fixed => json!({ "userId": fixed }),
            HeldBy::Customer => json!({ "customer": {} }),
        };
        let (type_key, config) = match &self.kind {
            Kind::Plain => ("core.standard", json!({})),
            Kind::Talk => ("core.interaction", json!({})),
            Kind::Survey => {
                ("core.survey", json!({ "surveyKey": "asked", "doneWhen": "ANSWERED" }))
            }
            Kind::Indicator(indicator) => ("core.indicator", indicator.config()),
        };
        let anchor = match self.anchor {
            Anchor::Previous => "PREVIOUS",
            Anchor::Entry => "STAGE_ENTRY",
            Anchor::End => "SUBSCRIPTION_END",
        };
        json!({
            "key": self.key, "title": self.key, "position": self.position, "typeKey": type_key,
            "required": self.is_required, "anchor": anchor, "durationDays": self.days,
            "dayKind": if self.is_business { "BUSINESS" } else { "CALENDAR" },
            "assignee": assignee, "config": config,
        })
    }
}

impl Indicator {
    fn config(&self) -> Value {
        let (source, metric) = match self.source {
            Source::Person => ("PERSON", None),
            Source::Metric => ("METRIC", Some("usage")),
            Source::Nps => ("NPS", None),
        };
        let (when, days) = match self.when_missing {
            WhenMissing::Wait => ("WAIT", 0),
            WhenMissing::PassAfter(days) => ("PASS", days),
            WhenMissing::FailAfter(days) => ("FAIL", days),
        };
        json!({
            "name": "Quantity", "source": source, "metricKey": metric,
            "comparator": self.comparator, "target": self.target,
            "continuous": self.is_continuous, "maxAgeDays": self.max_age,
            "onMissing": when, "missingAfterDays": days,
        })
    }
}

impl Plan {
    pub(super) fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }

    pub(super) fn place(&self, key: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage.key == key)
    }

    pub(super) fn item(&self, key: &str) -> Option<&Item> {
        self.stages.iter().flat_map(|stage| &stage.items).find(|item| item.key == key)
    }

    /// The stages of the input of `journeyTemplateDraftSave`.
    pub(super) fn input(&self, fixed: &str) -> Value {
        let stages = self.stages.iter().map(|stage| {
            let (then, loop_to) = match &stage.then {
                Then::Next => ("NEXT", None),
                Then::Complete => ("COMPLETE", None),
                Then::LoopTo(key) => ("LOOP_TO", Some(key)),
            };
            json!({
                "key": stage.key, "name": stage.key, "phase": "ONGOING",
                "expectedDays": stage.days,
                "exit": if stage.is_timed { "NOT_BEFORE" } else { "WHEN_DONE" },
                "startsAt": stage.starts.map(|_| "SUBSCRIPTION_END"),
                "startsDaysBefore": stage.starts, "then": then, "loopTo": loop_to,
                "tasks": stage.items.iter().map(|item| item.input(fixed)).collect::<Vec<_>>(),
            })
        });
        stages.collect()
    }
}

fn indicators() -> impl Strategy<Value = Indicator> {
    let source = prop_oneof![Just(Source::Person), Just(Source::Metric), Just(Source::Nps)];
    let comparator = prop::sample::select(vec!["GT", "GTE", "LT", "LTE", "EQ", "NEQ"]);
    let when_missing = prop_oneof![
        2 => Just(WhenMissing::Wait),
        1 => (0i64..6).prop_map(WhenMissing::PassAfter),
        1 => (0i64..6).prop_map(WhenMissing::FailAfter),
    ];
    let parts = (source, comparator, 3i32..8, any::<bool>(), option::of(1i64..20), when_missing);
    parts.prop_map(|(source, comparator, target, is_continuous, max_age, when_missing)| Indicator {
        source,
        comparator,
        target,
        is_continuous,
        max_age,
        when_missing,
    })
}

fn items() -> impl Strategy<Value = Item> {
    let kind = prop_oneof![
        4 => Just(Kind::Plain),
        1 => Just(Kind::Talk),
        1 => Just(Kind::Survey),
        5 => indicators().prop_map(Kind::Indicator),
    ];
    let anchor =
        prop_oneof![3 => Just(Anchor::Previous), 1 => Just(Anchor::Entry), 1 => Just(Anchor::End)];
    let holder =
        prop_oneof![5 => Just(HeldBy::Csm), 1 => Just(HeldBy::Fixed), 1 => Just(HeldBy::Customer)];
    let is_required = prop::bool::weighted(0.7);
    let parts = (kind, 0i32..3, is_required, option::of(0i64..9), any::<bool>(), anchor, holder);
    parts.prop_map(|(kind, position, is_required, days, is_business, anchor, holder)| Item {
        key: String::new(),
        position,
        is_required,
        days,
        is_business,
        anchor,
        holder,
        kind,
    })
}

fn stages() -> impl Strategy<Value = Stage> {
    let starts = option::weighted(0.15, 0i64..20);
    let parts = (vec(items(), 0..4), option::of(1i64..9), any::<bool>(), starts);
    parts.prop_map(|(items, days, is_timed, starts)| Stage {
        key: String::new(),
        days,
        is_timed: is_timed && days.is_some(),
        starts,
        then: Then::Next,
        items,
    })
}

/// Plans that can be published, with keys that other plans have too.
pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let stages = vec(option::weighted(0.8, stages()), 3);
    (stages, stages_end(), 1i32..4).prop_map(|(stages, end, max_attempts)| {
        let named = stages.into_iter().enumerate().filter_map(|(number, stage)| {
            let mut stage = stage?;
            stage.key = format!("s{number}");
            for (place, item) in stage.items.iter_mut().enumerate() {
                item.key = format!("{}-{number}{place}", word(&item.kind));
            }
            let is_empty = !stage.items.iter().any(|item| item.is_task() && item.must_be_done());
            if is_empty && !stage.is_timed {
                stage.items.push(plain(&format!("plain-{number}9")));
            }
            Some(stage)
        });
        let mut stages: Vec<_> = named.collect();
        if stages.is_empty() {
            stages.push(only_stage());
        }
        let last = stages.len() - 1;
        stages[last].then = match end {
            None => Then::Complete,
            Some(place) => Then::LoopTo(stages[place.min(last)].key.clone()),
        };
        Plan { max_attempts, stages }
    })
}

/// Whether the last stage loops, and to which.
fn stages_end() -> impl Strategy<Value = Option<usize>> {
    option::weighted(0.6, 0usize..3)
}

fn plain(key: &str) -> Item {
    Item {
        key: key.to_owned(),
        position: 1,
        is_required: true,
        days: Some(3),
        is_business: false,
        anchor: Anchor::Previous,
        holder: HeldBy::Csm,
        kind: Kind::Plain,
    }
}

fn only_stage() -> Stage {
    Stage {
        key: "s0".to_owned(),
        days: None,
        is_timed: false,
        starts: None,
        then: Then::Next,
        items: vec![plain("plain-09")],
    }
}

fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Plain => "plain",
        Kind::Talk => "talk",
        Kind::Survey => "survey",
        Kind::Indicator(Indicator { source: Source::Person, .. }) => "asked",
        Kind::Indicator(Indicator { source: Source::Metric, .. }) => "usage",
        Kind::Indicator(Indicator { source: Source::Nps, .. }) => "nps",
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  at most {} attempts", self.max_attempts)?;
        self.stages.iter().try_for_each(|stage| stage.fmt(f))
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, days, is_timed, starts, then, items } = self;
        writeln!(f, "  {key}: days {days:?}, timed {is_timed}, starts {starts:?}, {then:?}")?;
        items.iter().try_for_each(|item| writeln!(f, "    {item:?}"))
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, position, is_required, days, is_business, anchor, holder, kind } = self;
        let need = if *is_required { "required" } else { "optional" };
        let day = if *is_business { "business" } else { "calendar" };
        write!(f, "{key} at {position}, {need}, {days:?} {day} days {anchor:?}, {holder:?}")?;
        match kind {
            Kind::Indicator(Indicator {
                source: _,
                comparator,
                target,
                is_continuous,
                max_age,
                when_missing,
            }) => {
                let carried = if *is_continuous { ", continuous" } else { "" };
                write!(f, ", {comparator} {target}{carried}, age {max_age:?}, {when_missing:?}")
            }
            _ => Ok(()),
        }
    }
}
