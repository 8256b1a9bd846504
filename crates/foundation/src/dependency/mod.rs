//! Dependence on foreign supply, and on foreign demand.
