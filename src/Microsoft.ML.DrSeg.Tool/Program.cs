using Microsoft.ML.DrSeg.Tool;

return await CommandLineProgram.Run("drseg", DrSegCommand.Create(), args);
