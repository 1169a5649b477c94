using System.CommandLine;
using Microsoft.ML.DrSeg.Documentation.Notebooks;

// Runs the notebooks under docs/, which show what they gave.
var root = new RootCommand("Runs the notebooks of Dr. Seg for .NET.") { NotebooksCommand.Create() };
return await root.Parse(args).InvokeAsync();
