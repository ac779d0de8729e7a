//! What other groups can rely on.

#![cfg(test)]

mod contract;
