//! The contract in Rust. Authors do not need it: the traits of the other modules are made for them.

pub mod score {
    wit_bindgen::generate!({
        path: ["wit/types", "wit/host", "wit/score"],
        world: "jornada:score/health-score-plugin",
        pub_export_macro: true,
        export_macro_name: "export_health_score",
        default_bindings_module: "jornada_plugin_sdk::bindings::score",
        runtime_path: "jornada_plugin_sdk::wit_bindgen::rt",
        additional_derives: [PartialEq],
        generate_all,
    });
}

pub mod task {
    wit_bindgen::generate!({
        path: ["wit/types", "wit/host", "wit/task"],
        world: "jornada:task/task-type-plugin",
        pub_export_macro: true,
        export_macro_name: "export_task_type",
        default_bindings_module: "jornada_plugin_sdk::bindings::task",
        runtime_path: "jornada_plugin_sdk::wit_bindgen::rt",
        with: {
            "jornada:types/types@1.0.0": crate::bindings::score::jornada::types::types,
            "jornada:host/log@1.0.0": crate::bindings::score::jornada::host::log,
        },
        additional_derives: [PartialEq],
        generate_all,
    });
}
