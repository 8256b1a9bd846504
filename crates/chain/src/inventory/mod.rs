//! Dynamic inventories with stocks by supplier country (ARIO; Hallegatte 2014).
