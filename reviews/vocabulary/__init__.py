"""The shop's own words: what its admins know of its products and buyers that no model can have learnt."""
