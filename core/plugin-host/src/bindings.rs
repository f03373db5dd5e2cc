//! What wasmtime makes of the contract in `schema/wit`: one set of types for each major version.

pub(crate) mod score {
    wasmtime::component::bindgen!({
        path: [
            "../../schema/wit/types",
            "../../schema/wit/host",
            "../../schema/wit/score",
        ],
        world: "jornada:score/health-score-plugin",
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

pub(crate) mod task {
    wasmtime::component::bindgen!({
        path: [
            "../../schema/wit/types",
            "../../schema/wit/host",
            "../../schema/wit/task",
        ],
        world: "jornada:task/task-type-plugin",
        with: {
            "jornada:types/types": super::score::jornada::types::types,
            "jornada:host/log": super::score::jornada::host::log,
        },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

pub(crate) use score::jornada::host::log;
pub(crate) use score::jornada::types::types;
