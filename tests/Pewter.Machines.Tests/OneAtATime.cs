// Machines without hardware virtualisation take every processor there is: beside each other they would measure only how crowded it is.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
