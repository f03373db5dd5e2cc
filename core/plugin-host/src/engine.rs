//! The engine of the pure kinds: the same call always gives the same answer and always takes the
//! same fuel, on every machine. It offers no clock and no randomness.

use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails,
};

use crate::limits::Limits;

/// Bytes of the stack of a call.
const STACK_BYTES: usize = 512 << 10;

/// Tables and modules of one component: what a plugin in Rust has, and room for one in a language
/// that brings an interpreter.
const PARTS: u32 = 8;

/// Memories of one component. Room is made for this many of each call, so that no plugin takes the
/// place of others by having more.
const MEMORIES: u32 = 2;

/// How a component is compiled. The child process that compiles and the server that runs must say
/// the same, or the one cannot load what the other made.
fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        // Names of functions are enough, and the debug information of strangers is not read.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .max_wasm_stack(STACK_BYTES);
    config
}

/// An engine that only compiles.
pub(crate) fn compiling() -> wasmtime::Result<Engine> {
    Engine::new(&config())
}

/// An engine that runs, with room for so many calls at once that is made before the first of them;
/// where the machine has no such room, each call makes its own.
pub(crate) fn running(limits: &Limits) -> wasmtime::Result<(Engine, bool)> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.calls)
        .total_core_instances(limits.calls.saturating_mul(PARTS))
        .total_memories(limits.calls.saturating_mul(MEMORIES))
        .total_tables(limits.calls.saturating_mul(PARTS))
        .max_core_instances_per_component(PARTS)
        .max_memories_per_component(MEMORIES)
        .max_memories_per_module(MEMORIES)
        .max_tables_per_module(PARTS)
        .max_tables_per_component(PARTS)
        .max_memory_size(usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX));
    let mut pooling = config();
    pooling.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    match Engine::new(&pooling) {
        Ok(engine) => Ok((engine, true)),
        Err(error) => {
            tracing::warn!(%error, "no room for a pool of instances; each call makes its own");
            Ok((Engine::new(&config())?, false))
        }
    }
}
