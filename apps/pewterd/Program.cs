using Pewter.Daemon;

return await DaemonCommandLine.RunAsync(args);
