using System.Globalization;
using MonteCarlo;

// One program in three parts, told apart by its first word. A person starts the main part; that spawns the other two.
return args switch
{
    ["worker", var points, var seed] => Worker.Run(long.Parse(points, CultureInfo.InvariantCulture), ulong.Parse(seed, CultureInfo.InvariantCulture)),
    ["printer"] => Printer.Run(Console.In, Console.Out),
    _ => MainProgram.Run(args),
};
