return await Pewter.CommandLine.SystemHost.RunAsync(args);
