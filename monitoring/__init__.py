"""MONITORING: what the lab must know without looking: whether each feed still comes."""
