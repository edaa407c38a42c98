"""The questionnaire engine: FHIR R4 Questionnaire in, QuestionnaireResponse and scores out."""
