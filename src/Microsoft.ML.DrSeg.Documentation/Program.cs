using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.DrSeg.Documentation.Api;

// Writes what lies under docs/ and is made from the library itself.
Argument<string> apiFolder = new("folder") { Description = "Folder of the pages", DefaultValueFactory = _ => Path.Combine("docs", "api") };
var api = new System.CommandLine.Command("api", "Write the API reference from the XML comments.") { apiFolder };
api.SetAction(arguments => ApiReference.Write(typeof(DrSegCatalog).Assembly, arguments.GetValue(apiFolder)!));

var root = new RootCommand("Writes the documentation of Dr. Seg for .NET.") { api };
return await root.Parse(args).InvokeAsync();
