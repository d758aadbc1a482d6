"""Finding a person for the work: who of a group may have it, the numbers that speak for each, and the strategy's word.

`choosing.choose` is asked by actions and sources; `weighing.weigh` gives the same answer without taking it, for whoever
explains. A strategy is a class of `strategies/` and knows numbers only, no database.
"""
