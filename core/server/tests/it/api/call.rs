//! Calls made from the schema: every required argument gets a value, and wherever an id can
//! stand, also where it need not, one does.

use std::cell::RefCell;

use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind,
};
use jornada_domain::id::Kind;

use super::seed::Records;
use super::{Api, named, values};

/// What ids name where their own name does not tell: by the name without its `Id`, or with the
/// field that takes it.
const KINDS: &[(&str, Kind)] = &[
    ("assignmentEnd.id", Kind::AccountAssignment),
    ("journeyTemplateDraftSave.id", Kind::JourneyTemplateVersion),
    ("journeyTemplatePublish.id", Kind::JourneyTemplateVersion),
    ("healthModelActivate.versionId", Kind::HealthModelVersion),
    ("userDeactivate.reassignTo", Kind::User),
    ("accountRole", Kind::Option),
    ("assignee", Kind::User),
    ("author", Kind::User),
    ("owner", Kind::User),
    ("contactRole", Kind::Option),
    ("template", Kind::JourneyTemplate),
    ("templateVersion", Kind::JourneyTemplateVersion),
    ("version", Kind::JourneyTemplateVersion),
    ("visit", Kind::StageVisit),
    ("metricPointsRecord.subjectId", Kind::Account),
    ("node.id", Kind::User),
    ("nodes.ids", Kind::User),
    ("csm", Kind::User),
    ("fromTeam", Kind::Team),
    ("fromUser", Kind::User),
    ("marketSegment", Kind::Option),
    ("package", Kind::Option),
    ("parent", Kind::Account),
    ("role", Kind::Option),
    ("set", Kind::OptionSet),
    ("subject", Kind::User),
    ("toUser", Kind::User),
];

/// Texts that must be these, so that the call finds something.
const TEXTS: &[(&str, &str)] = &[
    ("accountByExternalRef.externalId", "1"),
    ("accountByExternalRef.system", "crm"),
    ("journeyTemplateByKey.key", "a-template"),
    ("metricByKey.key", "a-metric"),
    ("optionSetByKey.key", "package"),
    ("indicatorWaive.indicatorKey", "awaited"),
    ("surveyByKey.key", "a-survey"),
    ("taskType.key", "core.standard"),
    ("userCreate.email", "another@example.com"),
];

/// Arguments that exclude others that are given.
const LEFT_OUT: &[(&str, &str)] = &[("portfolio", "teamId")];

/// Members that need not be there, and without which an input says too little.
const ALSO: &[(&str, &str)] =
    &[("HealthDefinitionInput", "weighted"), ("HealthMeasureInput", "scale")];

/// How far selections follow objects into objects.
const DEPTH: usize = 2;

/// A call of one field of a root.
pub(crate) struct Call {
    /// The name of the field.
    pub(crate) field: String,
    /// The document, with the place of the nth id written as [`blank`].
    template: String,
    /// What its ids name.
    kinds: Vec<Kind>,
}

impl Call {
    /// The document with ids of these records.
    pub(crate) fn with(&self, records: &Records) -> String {
        self.fill(|_| records)
    }

    /// The document with ids of `own` records but for one place, once for every place.
    pub(crate) fn with_one_of(&self, foreign: &Records, own: &Records) -> Vec<String> {
        let places = 0..self.kinds.len();
        places.map(|place| self.fill(|n| if n == place { foreign } else { own })).collect()
    }

    /// Whether it names any record.
    pub(crate) fn has_ids(&self) -> bool {
        !self.kinds.is_empty()
    }

    fn fill<'r>(&self, records: impl Fn(usize) -> &'r Records) -> String {
        let ids = self.kinds.iter().enumerate();
        ids.fold(self.template.clone(), |document, (n, kind)| {
            document.replace(&blank(n), records(n).id(*kind))
        })
    }
}

fn blank(n: usize) -> String {
    format!("<{n}>")
}

/// Calls of all fields of `Query` and `Mutation`.
pub(crate) fn all(api: &Api) -> Vec<Call> {
    ["Query", "Mutation"].into_iter().flat_map(|root| of(api, root)).collect()
}

/// Calls of all fields of a root.
pub(crate) fn of(api: &Api, root: &str) -> Vec<Call> {
    let operation = root.to_lowercase();
    let call = |field: &FieldDefinition| {
        let writer = Writer { api, field: &field.name.node, kinds: RefCell::default() };
        let arguments = writer.arguments(field);
        let selection = writer.selection(named(&field.ty.node), DEPTH);
        let name = field.name.node.to_string();
        let template = format!("{operation} {{ {name}{arguments} {selection} }}");
        Call { field: name, template, kinds: writer.kinds.into_inner() }
    };
    api.fields(root).map(call).collect()
}

/// Writes the call of one field.
struct Writer<'a> {
    api: &'a Api,
    field: &'a str,
    /// What the ids name that were written so far.
    kinds: RefCell<Vec<Kind>>,
}

impl Writer<'_> {
    fn arguments(&self, field: &FieldDefinition) -> String {
        let arguments = field.arguments.iter().map(|argument| &argument.node);
        let given = self.given(arguments, |of| self.api.inputs(named(&of.ty.node)).any(is_id));
        if given.is_empty() { given } else { format!("({given})") }
    }

    /// The values of what is required, of ids, and of what else is `wanted`.
    fn given<'i>(
        &self,
        inputs: impl Iterator<Item = &'i InputValueDefinition>,
        wanted: impl Fn(&InputValueDefinition) -> bool,
    ) -> String {
        let is_required = |input: &&InputValueDefinition| {
            let is_left_out = LEFT_OUT.contains(&(self.field, input.name.node.as_str()));
            !is_left_out
                && ((!input.ty.node.nullable && input.default_value.is_none())
                    || is_id(input)
                    || wanted(input))
        };
        let value = |input: &InputValueDefinition| {
            let name = &input.name.node;
            format!("{name}: {}", self.value(name, &input.ty.node))
        };
        inputs.filter(is_required).map(value).collect::<Vec<_>>().join(", ")
    }

    fn value(&self, name: &str, of: &Type) -> String {
        let of = match &of.base {
            BaseType::List(inner) => return format!("[{}]", self.value(name, inner)),
            BaseType::Named(of) => of.as_str(),
        };
        match of {
            "ID" => self.id(name),
            "IdFilter" => format!("{{ eq: {} }}", self.id(name)),
            "String" => format!("\"{}\"", text(self.field, name)),
            "Int" | "Long" | "Float" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "Date" => "\"2026-01-19\"".to_owned(),
            "DateTime" => "\"2026-01-19T12:00:00Z\"".to_owned(),
            "JSON" => "{}".to_owned(),
            other => self.composed(other),
        }
    }

    fn id(&self, name: &str) -> String {
        let mut kinds = self.kinds.borrow_mut();
        kinds.push(kind_of(self.field, name));
        format!("\"{}\"", blank(kinds.len() - 1))
    }

    fn composed(&self, of: &str) -> String {
        let given = match self.api.kind(of) {
            Some(TypeKind::Enum(of)) => {
                return values(of).next().expect("an enum has values").to_owned();
            }
            Some(TypeKind::InputObject(_)) if self.api.is_one_of(of) => {
                self.given(self.api.inputs(of).take(1), |_| true)
            }
            Some(TypeKind::InputObject(_)) => self
                .given(self.api.inputs(of), |input| ALSO.contains(&(of, input.name.node.as_str()))),
            _ => panic!("say in `value` how a value of {of} is written"),
        };
        format!("{{ {given} }}")
    }

    /// What is asked of an object: all its values, and those of the objects in it.
    fn selection(&self, of: &str, depth: usize) -> String {
        let is_object =
            matches!(self.api.kind(of), Some(TypeKind::Object(_) | TypeKind::Interface(_)));
        if !is_object {
            return match self.api.kind(of) {
                Some(TypeKind::Union(_)) => "{ __typename }".to_owned(),
                _ => String::new(),
            };
        }
        // A connection is no level of its own: its rows are what is asked for.
        let deeper = if of.ends_with("Connection") { depth } else { depth.saturating_sub(1) };
        let mut parts = vec!["__typename".to_owned()];
        for field in self.api.fields(of) {
            let (name, inner) = (&field.name.node, named(&field.ty.node));
            let needs = field.arguments.iter().any(|a| !a.node.ty.node.nullable);
            let is_composite =
                !matches!(self.api.kind(inner), None | Some(TypeKind::Scalar | TypeKind::Enum(_)));
            if needs || name == "edges" || (is_composite && depth == 0) {
                continue;
            }
            parts.push(format!("{name} {}", self.selection(inner, deeper)));
        }
        format!("{{ {} }}", parts.join(" "))
    }
}

fn is_id(input: &InputValueDefinition) -> bool {
    matches!(named(&input.ty.node), "ID" | "IdFilter")
}

fn text(field: &str, name: &str) -> String {
    let place = format!("{field}.{name}");
    let known = TEXTS.iter().find(|(known, _)| *known == place);
    known.map_or_else(|| format!("some-{name}"), |(_, text)| (*text).to_owned())
}

/// The kind of record that an id must name: as [`KINDS`] says, by the name of the id (`userId`,
/// `assigneeUserId`), or for a bare `id` by the noun that the field begins with.
fn kind_of(field: &str, name: &str) -> Kind {
    let place = format!("{field}.{name}");
    let noun = name.strip_suffix("Ids").or(name.strip_suffix("Id")).unwrap_or("");
    let known = KINDS.iter().find(|(known, _)| *known == place || *known == noun);
    if let Some((_, kind)) = known {
        return *kind;
    }
    let is_named = |kind: &Kind| {
        let camel = camel(*kind);
        if noun.is_empty() {
            let rest = field.strip_prefix(&camel);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        } else {
            noun == camel || noun.ends_with(kind.type_name())
        }
    };
    let found = Kind::ALL.iter().copied().filter(is_named).max_by_key(|k| k.type_name().len());
    found.unwrap_or_else(|| panic!("say in KINDS what `{place}` names"))
}

fn camel(kind: Kind) -> String {
    let name = kind.type_name();
    name[..1].to_lowercase() + &name[1..]
}
