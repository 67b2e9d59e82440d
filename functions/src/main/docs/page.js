'use strict';

// Paths are relative, so that the page works wherever the API is mounted. Nothing is asked of another server: no validator.
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#contract',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
