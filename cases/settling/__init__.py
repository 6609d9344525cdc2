"""What comes of a case: what imports prove of it, claims that wait for proof, questions to supervisors, evidence."""
